// Package result is what netcheck found: the report's wire contract and
// nothing else. A report is whole in itself, so that it can be diagnosed,
// rendered, compared and merged later, elsewhere, and by a newer netcheck.
//
// It imports nothing of ours, contacts nothing and words nothing: whoever
// writes a report for a reader takes the words from report/i18n.
package result

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"
)

// Schema is the version of the report's format.
const Schema = 1

// Report is one run of one profile, on one machine or, once merged, on
// several.
type Report struct {
	Schema       int             `json:"schema" doc:"version of this format"`
	Tool         Tool            `json:"tool"`
	Profile      Profile         `json:"profile"`
	Lang         string          `json:"lang" doc:"language of the texts that were chosen for a reader"`
	Started      time.Time       `json:"started"`
	Duration     Duration        `json:"duration_ms"`
	Complete     bool            `json:"complete" doc:"false if the run was interrupted or reached its deadline"`
	FollowupsCut bool            `json:"followups_cut,omitempty" doc:"true if all was tested, but what was asked once more was cut short by the user or the deadline: causes and places are less sure than they could be"`
	Verdict      Verdict         `json:"verdict"`
	Summary      map[Verdict]int `json:"summary" doc:"how many checks got which verdict"`

	Params    map[string]any `json:"params,omitempty" doc:"the values of the parameters; a secret's is <secret>"`
	Machines  []Machine      `json:"machines"`
	Checks    []Check        `json:"checks" doc:"every check of the profile, in the profile's order"`
	Followups []Followup     `json:"followups,omitempty" doc:"what was asked once more after the checks, because a result needed it"`
	Findings  []Finding      `json:"findings" doc:"causes, gravest first; one may explain many checks"`
	Handover  []Handover     `json:"handover,omitempty" doc:"what a person must pass on"`

	ParamTypes map[string]string `json:"param_types,omitempty" doc:"the parameters' types in the profile"`
	Redacted   *Redacted         `json:"redacted,omitempty" doc:"that pseudonyms stand in the place of what tells whose network it is"`

	Lost *Lost `json:"lost,omitempty" doc:"what of the file that this was read from could not be read: the report is what is left"`
}

// Redacted says by what a report's pseudonyms were made.
type Redacted struct {
	Level string `json:"level" doc:"what was replaced: site"`
	Key   string `json:"key" doc:"tells keys apart: pseudonyms of different keys mean nothing beside each other"`
}

// Lost is what of a saved report could not be read, by the netcheck that read it
// and saved it again.
type Lost struct {
	Cut    int64    `json:"cut,omitempty" doc:"byte at which it breaks off, or is no JSON any more"`
	Schema int      `json:"schema,omitempty" doc:"version of its format, where that is a newer one"`
	Checks int      `json:"checks,omitempty" doc:"how many checks it had, by its own count"`
	Unread []string `json:"unread,omitempty" doc:"members that are not whole, or not built as they should be, such as checks[3]"`
}

// Tool is the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty" doc:"of its source; with + behind it, the source was altered since"`
	Built   string `json:"built,omitempty" doc:"system and processor that it was built for, and the date of its source"`
	Roots   string `json:"roots,omitempty" doc:"date of the embedded public root certificates"`
}

// Profile says which profile was run. Texts are in all its languages.
type Profile struct {
	ID       string    `json:"id"`
	Ref      string    `json:"ref,omitempty" doc:"what was typed to name it: an id or a file's name"`
	Args     []string  `json:"args,omitempty" doc:"flags of this run that another machine's run needs as well"`
	Revision string    `json:"revision,omitempty"`
	SHA256   string    `json:"sha256"`
	Vendor   string    `json:"vendor,omitempty"`
	Title    Text      `json:"title,omitempty"`
	Role     string    `json:"role,omitempty" doc:"the role this machine had"`
	Roles    []Role    `json:"roles,omitempty" doc:"in the order of the path, outermost last"`
	Features []Feature `json:"features,omitempty" doc:"what of the product the checks stand for"`
}

// Role is a machine's part in the product.
type Role struct {
	ID    string `json:"id"`
	Title Text   `json:"title,omitempty"`
}

// Feature is something the product does that stops when its checks fail.
type Feature struct {
	ID    string `json:"id"`
	Title Text   `json:"title,omitempty"`
}

// Text is one text in several languages, by language tag. The key "" is a
// text that was given without a language.
type Text map[string]string

// In returns the text in the language, else in English, else the one without
// a language, else the first by tag.
func (t Text) In(lang string) string {
	for _, l := range []string{lang, "en", ""} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	first := ""
	for l := range t {
		if first == "" || l < first {
			first = l
		}
	}
	return t[first]
}

// Machine is where a run was made from.
type Machine struct {
	ID          string   `json:"id"`
	Role        string   `json:"role,omitempty"`
	Name        string   `json:"name,omitempty" doc:"host name"`
	OS          string   `json:"os,omitempty"`
	Addresses   []string `json:"addresses,omitempty" doc:"interface addresses in CIDR form"`
	Gateway     string   `json:"gateway,omitempty"`
	Gateways    []string `json:"gateways,omitempty" doc:"every next hop of a default route, where there is more than the one, as for IPv6 beside IPv4"`
	Resolvers   []string `json:"resolvers,omitempty"`
	Proxy       string   `json:"proxy,omitempty" doc:"the proxies that the environment and the system name, and where, without user and password"`
	ProxyScript string   `json:"proxy_script,omitempty" doc:"address of the script (PAC) that chooses the proxy where nothing else names one, or WPAD: it is not evaluated"`
	Zone        string   `json:"zone,omitempty" doc:"the time zone it is set to, at the start of the run"`
	Clock       *Clock   `json:"clock,omitempty" doc:"how its clock goes, where a server said what time it is"`

	Interfaces []Interface `json:"interfaces,omitempty" doc:"its network interfaces but for the loopback, up or not; never with their hardware addresses"`

	Run *Run `json:"run,omitempty" doc:"of a merged report: this machine's own run"`
}

// Interface is a network interface of a machine.
type Interface struct {
	Name  string `json:"name"`
	State string `json:"state" doc:"up, down, or no-carrier: switched on, and nothing is connected"`
	MTU   int    `json:"mtu,omitempty" doc:"the largest packet that it sends whole"`
}

// Clock is how a machine's clock goes.
type Clock struct {
	Behind Duration `json:"behind_ms" doc:"how far it is behind the servers' time; negative if it is ahead"`
	By     string   `json:"by" doc:"vantage: what the helper outside says, to a part of a second; http-date: the Date of answers, to a second or two"`
	From   []string `json:"from" doc:"who said what time it is"`
}

// Run is what a merged report keeps of one of the runs that it was made of: the
// rest is the same in all of them, or names its machine.
type Run struct {
	Tool         Tool           `json:"tool"`
	Ref          string         `json:"ref,omitempty"`
	Args         []string       `json:"args,omitempty"`
	Started      time.Time      `json:"started" doc:"its steps count from here"`
	Duration     Duration       `json:"duration_ms"`
	Complete     bool           `json:"complete"`
	FollowupsCut bool           `json:"followups_cut,omitempty"`
	Params       map[string]any `json:"params,omitempty" doc:"its values, where they are not all the report's"`
	Lost         *Lost          `json:"lost,omitempty" doc:"what of its report could not be read"`
	Handover     []int          `json:"handover,omitempty" doc:"which of the report's texts to pass on were its own, by place in the list"`
}

// Check is one check of the profile and what came of it.
type Check struct {
	ID       string   `json:"id"`
	Group    string   `json:"group" doc:"id of the declaration; several checks share it when it was expanded by for_each"`
	Machine  string   `json:"machine"`
	Kind     string   `json:"kind"`
	Spec     Spec     `json:"spec"`
	Title    string   `json:"title,omitempty"`
	Features []string `json:"features,omitempty"`
	Level    Level    `json:"level"`
	Target   string   `json:"target,omitempty"`

	Verdict  Verdict  `json:"verdict"`
	Observed Verdict  `json:"observed,omitempty" doc:"verdict before the diagnosis, a downgrade or tolerate, where one of them changed it"`
	Reason   Reason   `json:"reason,omitempty" doc:"why it was not run, or why the verdict is not what was observed"`
	Detail   string   `json:"detail,omitempty" doc:"the reason's particulars, such as the check that was needed; or what went wrong inside netcheck"`
	Duration Duration `json:"duration_ms"`
	Attempts int      `json:"attempts,omitempty"`
	Via      string   `json:"via,omitempty" doc:"direct, or the proxy, without user and password; where both were tried, the one by which it passed"`
	Ways     []Way    `json:"ways,omitempty" doc:"the ways that were tried, where this machine or the profile names a proxy"`

	Code     Code     `json:"code,omitempty" doc:"the cause that the probe itself knows, without diagnosis: an assertion's, an expectation's"`
	Cause    *Cause   `json:"cause,omitempty" doc:"the gravest cause among its results, as diagnosed"`
	Findings []string `json:"findings,omitempty"`
	Results  []Result `json:"results,omitempty" doc:"one per target, or per folded run of ports"`
	Steps    []Step   `json:"steps,omitempty" doc:"what was done, in order of start"`
}

// NoteStandIn is the note of a port where netcheck itself answers, from the
// machine of a service that is not there: the way is proven, the service is not.
const NoteStandIn = "netcheck stand-in"

// Spec is a check's declaration after substitution, without secrets, and with
// all that a later rendering or comparison needs of the profile.
type Spec struct {
	Line        int            `json:"line,omitempty" doc:"line in the profile"`
	Title       Text           `json:"title,omitempty"`
	From        []string       `json:"from,omitempty"`
	To          []string       `json:"to,omitempty" doc:"roles of the machine at the other end"`
	Needs       []string       `json:"needs,omitempty"`
	Proxy       string         `json:"proxy,omitempty" doc:"allowed, required or unsupported"`
	Tolerate    string         `json:"tolerate,omitempty"`
	Act         string         `json:"act,omitempty" doc:"who must act"`
	Consequence Text           `json:"consequence,omitempty"`
	Remedy      Text           `json:"remedy,omitempty"`
	OnCause     map[Code]Text  `json:"on_cause,omitempty"`
	Firewall    *Firewall      `json:"firewall,omitempty"`
	Downgrade   []Downgrade    `json:"downgrade,omitempty" doc:"those whose condition holds"`
	Fields      map[string]any `json:"fields,omitempty" doc:"the kind's own fields"`
}

// Firewall is what the vendor says to write into the rule, where that is not
// what is probed: wildcards, source addresses.
type Firewall struct {
	Hosts   []string `json:"hosts,omitempty"`
	Sources []string `json:"sources,omitempty"`
	AsOf    string   `json:"as_of,omitempty"`
	See     string   `json:"see,omitempty"`
}

// Downgrade makes a verdict milder when a cause has a known harmless reason.
type Downgrade struct {
	Cause []Code  `json:"cause"`
	To    Verdict `json:"to"`
	Say   Text    `json:"say,omitempty"`
}

// Handover is a text that a person must pass on.
type Handover struct {
	Title Text `json:"title"`
	Text  Text `json:"text"`
}

// Result is one target, or a folded run of ports that gave the same answer.
type Result struct {
	Host     string    `json:"host,omitempty"`
	Address  string    `json:"address,omitempty"`
	Via      string    `json:"via,omitempty" doc:"the proxy, where it was asked through one: the address is then the proxy's business"`
	Proto    string    `json:"proto,omitempty" doc:"tcp or udp"`
	Ports    string    `json:"ports,omitempty" doc:"such as 443 or 9000-9499,9700"`
	State    State     `json:"state,omitempty"`
	Inferred bool      `json:"inferred,omitempty" doc:"not answered itself, but covered by the same device's rule"`
	RTT      Duration  `json:"rtt_ms,omitempty"`
	Failure  Failure   `json:"failure,omitempty"`
	Evidence *Evidence `json:"evidence,omitempty"`
	Cause    *Cause    `json:"cause,omitempty"`
	Note     string    `json:"note,omitempty" doc:"who answered, in its own words, made harmless"`
}

// Way is one of the ways by which a check was tried.
type Way struct {
	Via      string  `json:"via" doc:"direct, or the proxy, without user and password"`
	Source   string  `json:"source,omitempty" doc:"where the proxy is set, or the list that exempts the host"`
	Personal bool    `json:"personal,omitempty" doc:"a setting of the user's own account, which a service may not have"`
	Exempt   string  `json:"exempt,omitempty" doc:"the entry by which the host is exempt from the proxy"`
	Verdict  Verdict `json:"verdict" doc:"by this way alone"`
	Used     bool    `json:"used,omitempty" doc:"the way that the check's verdict rests on"`
}

// Step is one thing a probe did. Steps nest by Parent, an index into the
// check's steps.
type Step struct {
	Op       Op        `json:"op"`
	Parent   *int      `json:"parent"`
	Attempt  int       `json:"attempt,omitempty" doc:"from 2 on"`
	Via      string    `json:"via,omitempty" doc:"the proxy, where it went through one or was the way to one"`
	Start    Duration  `json:"start_ms" doc:"since the start of the run"`
	Duration Duration  `json:"duration_ms"`
	Facts    Facts     `json:"facts,omitempty"`
	Failure  Failure   `json:"failure,omitempty"`
	Err      string    `json:"error,omitempty" doc:"the error as worded by system or library: for people, never matched"`
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Followup is what was asked once more, after the checks, about one subject:
// evidence that several checks may share. It decides nothing.
type Followup struct {
	Name    string   `json:"name" doc:"which follow-up it is, such as sweep"`
	Machine string   `json:"machine"`
	Checks  []string `json:"checks,omitempty" doc:"the checks on whose account it was asked"`
	Subject
	Steps []Step `json:"steps"`
}

// Subject is what a follow-up looks at: what is left out does not matter to it.
type Subject struct {
	Host    string `json:"host,omitempty" doc:"as the profile names it"`
	Address string `json:"address,omitempty"`
	Port    int    `json:"port,omitempty"`
	Proto   string `json:"proto,omitempty" doc:"tcp or udp"`
}

// Facts are what a step saw, by OpenTelemetry's attribute names where one
// exists. Values are strings, numbers, booleans and lists of strings.
type Facts map[string]any

// Evidence is what the operating system told of an exchange beyond success.
// Every field is optional: systems differ in what they tell.
type Evidence struct {
	Errno    string   `json:"errno,omitempty" doc:"POSIX name, on every system"`
	ICMP     *ICMP    `json:"icmp,omitempty"`
	Local    string   `json:"local,omitempty" doc:"local address of the socket"`
	Attempts int      `json:"attempts,omitempty" doc:"connects made"`
	Waited   Duration `json:"waited_ms,omitempty" doc:"how long silence was listened to"`

	Hops      []Hop    `json:"hops,omitempty" doc:"of a sweep: what the same packet met at each TTL"`
	AnswerTTL int      `json:"answer_ttl,omitempty" doc:"TTL or hop limit with which the answer arrived"`
	TCP       *TCPInfo `json:"tcpinfo,omitempty" doc:"what the system's TCP knew when an exchange stalled"`
}

// Empty tells whether the system told nothing.
func (e *Evidence) Empty() bool { return e == nil || reflect.ValueOf(*e).IsZero() }

// Hop is what a packet that was allowed so many hops met: the router where it
// expired, whoever answered it, or silence.
type Hop struct {
	TTL   int      `json:"ttl"`
	State State    `json:"state" doc:"expired, open, closed, rejected or filtered"`
	From  string   `json:"from,omitempty" doc:"the device that said so by ICMP"`
	ICMP  *ICMP    `json:"icmp,omitempty"`
	RTT   Duration `json:"rtt_ms,omitempty"`
}

// TCPInfo is the part of the system's view of a connection that tells apart
// why it stalled. Bytes count the SYN as one.
type TCPInfo struct {
	Retransmits   int      `json:"retransmits" doc:"segments sent again"`
	BytesAcked    int64    `json:"bytes_acked" doc:"that the peer confirmed"`
	BytesReceived int64    `json:"bytes_received"`
	OutOfOrder    int      `json:"out_of_order" doc:"segments that came with a gap before them"`
	Sacked        int      `json:"sacked" doc:"segments confirmed with a gap before them"`
	ReceiveMSS    int      `json:"receive_mss,omitempty" doc:"largest segment seen from the peer"`
	SendMSS       int      `json:"send_mss,omitempty"`
	PathMTU       int      `json:"path_mtu,omitempty"`
	RTT           Duration `json:"rtt_ms,omitempty"`
}

// ICMP is an ICMP error that answered one of our packets.
type ICMP struct {
	From string `json:"from" doc:"the device that sent it"`
	V6   bool   `json:"v6,omitempty"`
	Type int    `json:"type"`
	Code int    `json:"code"`
	Name string `json:"name" doc:"such as admin-prohibited"`
	TTL  int    `json:"ttl,omitempty" doc:"of the ICMP packet on arrival"`
	MTU  int    `json:"mtu,omitempty"`
}

// Cause is why something failed.
type Cause struct {
	Code        Code       `json:"code"`
	Confidence  Confidence `json:"confidence"`
	At          *Place     `json:"at,omitempty"`
	RuledOut    []Code     `json:"ruled_out,omitempty"`
	NotExcluded []Code     `json:"not_excluded,omitempty"`
}

// Place is where on the path. Address is set only for a device that sent a
// packet saying so; silence has only Between.
type Place struct {
	Address string   `json:"address,omitempty"`
	Between []string `json:"between,omitempty" doc:"last that let it pass, next or unknown"`
	Hop     int      `json:"hop,omitempty"`
	Owner   Owner    `json:"owner,omitempty"`
}

// Finding is a cause with the checks it explains and what to do.
type Finding struct {
	ID          string     `json:"id"`
	Code        Code       `json:"code"`
	Rule        string     `json:"rule,omitempty" doc:"the diagnosis rule that made it"`
	Confidence  Confidence `json:"confidence"`
	At          *Place     `json:"at,omitempty"`
	Level       Level      `json:"level,omitempty" doc:"the gravest level among the checks it explains"`
	Act         string     `json:"act,omitempty" doc:"who must act"`
	Machines    []string   `json:"machines,omitempty" doc:"of a merged report: the machine that it is about; with others behind it, they are what it rests on as well"`
	Checks      []string   `json:"checks"`
	Targets     []string   `json:"targets,omitempty"`
	Summary     string     `json:"summary"`
	Remedy      string     `json:"remedy,omitempty"`
	Command     string     `json:"command,omitempty" doc:"what to type on another machine, as the remedy says"`
	Request     *Request   `json:"request,omitempty" doc:"the firewall rule to ask for"`
	Evidence    []string   `json:"evidence,omitempty"`
	NotExcluded []Code     `json:"not_excluded,omitempty"`
}

// Request is a firewall rule to ask for.
type Request struct {
	Action string   `json:"action"`
	Proto  string   `json:"proto" doc:"tcp, udp, or tcp/udp for both"`
	App    string   `json:"application,omitempty" doc:"what firewalls that know protocols must let pass there, such as SSH: the port alone is not enough"`
	From   string   `json:"from,omitempty" doc:"an address, or own-public-ip where the rule belongs beyond the shop's network, which shows another one there"`
	To     []string `json:"to"`
	Ports  string   `json:"ports"`
	Part   bool     `json:"ports_partial,omitempty" doc:"the ports are those that were seen: whoever runs the server must name the whole range"`
}

// Duration is a time.Duration that JSON has in milliseconds.
type Duration time.Duration

// MarshalJSON writes milliseconds, to the microsecond.
func (d Duration) MarshalJSON() ([]byte, error) {
	ms := float64(time.Duration(d).Round(time.Microsecond).Microseconds()) / 1000
	return strconv.AppendFloat(nil, ms, 'f', -1, 64), nil
}

// UnmarshalJSON reads milliseconds. What is longer than can be held is as long as
// can be: converted, it could become negative.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var ms float64
	if err := json.Unmarshal(b, &ms); err != nil {
		return err
	}
	ns := ms * float64(time.Millisecond)
	switch {
	case ns >= math.MaxInt64:
		*d = math.MaxInt64
	case ns <= math.MinInt64:
		*d = math.MinInt64
	default:
		*d = Duration(ns)
	}
	return nil
}

func (d Duration) String() string { return time.Duration(d).String() }
