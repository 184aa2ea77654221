// Package standin is what stands in on a machine for a service that is not
// there yet: it listens on the service's ports, proves to netcheck elsewhere
// which stand-in it is, and tells who got through. It interprets nothing else
// that it is sent and keeps nothing of it. Its words are fixed: an older
// netcheck may be at the other end.
package standin

// Question is the datagram or line that asks whether a stand-in is there.
const Question = "netcheck stand-in? 1\n"

// Answer is how a stand-in's reply begins.
const Answer = "netcheck stand-in! 1"
