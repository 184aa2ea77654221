// Package vantage is what netcheck and its helper outside say to each other,
// and netcheck's side of it. The helper calls back the address that a request
// came from and says what happened; it never calls anybody else.
//
// The words are fixed: an older netcheck may be at the other end.
package vantage

import (
	"net/netip"
	"time"

	"netcheck/report/result"
)

// Paths of the helper. All but the first are GET, for whoever asks.
const (
	Reach    = "/v1/reach"     // POST a Request, get a Reply
	Address  = "/v1/address"   // a Reply without ports
	Portal   = "/generate_204" // no content, and the challenge in HeaderResponse
	MaxPorts = 5               // that one request may name where the helper has no list of its own
)

// Headers. A web page can't send the first without asking the helper before,
// which never agrees: so no page makes its reader's browser ask.
const (
	Header          = "Netcheck-Vantage" // its value is Version
	HeaderToken     = "Authorization"    // Bearer, where the helper wants one
	HeaderChallenge = "Netcheck-Challenge"
	HeaderResponse  = "Netcheck-Response"
	Version         = "1"
)

// Request asks to be called back.
type Request struct {
	Proto   string   `json:"proto,omitempty"` // tcp, which is also meant by none, or udp
	Ports   []uint16 `json:"ports"`
	Prove   bool     `json:"prove,omitempty"`   // ask a challenge of whoever answers: a stand-in is there
	Path    bool     `json:"path,omitempty"`    // look how far a connect gets where no service answers, and whose an answer is
	Profile string   `json:"profile,omitempty"` // the product, for the helper's log and its list of ports

	// Target is whom to call, for somebody else's service that must be told: an
	// address of this line. A helper of ours never hears of it.
	Target netip.Addr `json:"-"`
}

// Reply is what the helper saw.
type Reply struct {
	Caller Caller    `json:"caller"`
	Time   time.Time `json:"time"` // the helper's clock when it answered
	Ports  []Port    `json:"ports,omitempty"`

	Ahead time.Duration `json:"-"` // of its clock before ours; it is the client who says this
}

// Caller is whom the helper saw asking.
type Caller struct {
	Address netip.Addr `json:"address"`
	Port    uint16     `json:"port,omitempty"`
	TTL     int        `json:"ttl,omitempty"` // of the SYN on arrival
	MSS     int        `json:"mss,omitempty"` // that the SYN offered, as it arrived
}

// Port is what became of the call to one port.
type Port struct {
	Port      uint16          `json:"port"`
	State     result.State    `json:"state"`          // open, closed (a RST), rejected (ICMP), filtered (silence) or unknown
	From      netip.AddrPort  `json:"from,omitzero"`  // the helper's end of the call: who was called can look for it
	ICMP      *result.ICMP    `json:"icmp,omitempty"` // who rejected it
	AnswerTTL int             `json:"answer_ttl,omitempty"`
	RTT       result.Duration `json:"rtt_ms,omitempty"`
	Challenge string          `json:"challenge,omitempty"` // the nonce that was asked of whoever answered
	Answer    string          `json:"answer,omitempty"`    // what a stand-in proves itself by (standin.Proof), and nothing else that a server may say
	Ended     Ending          `json:"ended,omitempty"`     // by whoever answered, while the helper held the connection open
	Kept      result.Duration `json:"kept_ms,omitempty"`   // how long it had stood then
	Hops      []result.Hop    `json:"hops,omitempty"`      // how far a connect to this port got, hop by hop
	Control   *Control        `json:"control,omitempty"`

	// Unreached is said where State is unknown, of somebody else's service: the
	// call did not get through, and how it ended is not told.
	Unreached bool `json:"-"`
}

// Ending is how a connection was ended.
type Ending string

// Endings. After a reset the called machine shows nothing of the connection any
// more.
const (
	EndedReset  Ending = "reset"
	EndedClosed Ending = "closed"
)

// Control is how far a connect to another port of the same address got, of
// which nobody knows: what drops or refuses both does not do it for the port's
// sake.
type Control struct {
	Port      uint16       `json:"port"`
	State     result.State `json:"state"`
	ICMP      *result.ICMP `json:"icmp,omitempty"`
	AnswerTTL int          `json:"answer_ttl,omitempty"`
	Hops      []result.Hop `json:"hops,omitempty"`
}

// Refusal is why the helper did not do what it was asked: the body of a status
// other than 200.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"error"`
}

// Codes of a refusal.
const (
	RefusedCaller  = "caller"  // its address is not a global one, or it came through a proxy
	RefusedRequest = "request" // not a request of ours
	RefusedPorts   = "ports"   // too many, or not on the helper's list
	RefusedToken   = "token"   // none, or a wrong one
	RefusedRate    = "rate"    // too often; Retry-After says how long to wait
	RefusedBusy    = "busy"    // the helper has enough to do

	// RefusedClear is no helper's word: a token is set, which is not sent where
	// others could read it, so the helper was not asked.
	RefusedClear = "clear"
)
