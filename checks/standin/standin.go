// Package standin holds what netcheck says to itself on another machine that
// stands in for a service which is not there yet. Its words are fixed: an older
// netcheck may be at the other end.
package standin

// Question is the datagram or line that asks whether a stand-in is there.
const Question = "netcheck stand-in? 1\n"

// Answer is how a stand-in's reply begins.
const Answer = "netcheck stand-in! 1"
