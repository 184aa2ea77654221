// Package firewall is what a product asks of whoever runs a firewall: the sheet of
// rules before it is installed, and, of a report, a letter that asks for what was
// seen to be blocked. It is pure: it contacts nothing, and knows neither profiles
// nor kinds but what it is told of them as flows.
//
// A name is never turned into an address, and what a firewall can't express is
// left out of its commands with the reason: a rule that lets everybody through
// because something was not known would be worse than none.
package firewall

import (
	"io"
	"time"

	"netcheck/report"
	"netcheck/report/result"
)

// Flow is what one check asks of the firewalls on its way.
type Flow struct {
	Check    string // its id
	Title    result.Text
	Features []string
	Level    result.Level
	Act      string   // who must act
	From, To []string // roles: of the machine that contacts, and of the one at the other end
	Policy   string   // allowed, required or unsupported: whether a proxy may be the way
	Proxy    string   // that the profile names, as host:port
	Rule     *result.Firewall
	Only     []Only // what it hangs on and nobody has said yet
	Idle     bool   // it does not apply: it only tells where a machine is

	Hosts      []string // that are contacted; none: this machine or, by DNS, the servers that it asks
	Proto      string   // tcp, udp or tcp/udp
	Ports      string   // "": whoever is contacted names them
	App        string
	Into       bool   // others contact the machine
	Public     string // of calls from the internet: the address that they are made to
	PublicPort string // where they arrive; "": they don't come from the internet
	Listed     bool   // they come from a list of addresses alone
	Closed     bool   // nobody may get there
	Data       bool   // data connections of a session with the same host
	Whole      bool   // who reads what is encrypted stops it
	Names      []string
}

// Only is a condition that is not decided: the parameter must have one of the
// values, or any at all.
type Only struct {
	Param  string
	Not    bool
	Values []string
}

// Sheet is a product's rules for firewalls.
type Sheet struct {
	Profile  result.Profile
	Source   string // the vendor's page
	Seen     string // when it was read
	Role     string // the machine that it is narrowed to; "": all
	Rules    []Rule
	Unknown  []string            // values that nobody has given: their <name> stands in the rules
	At       map[string][]string // hosts of the machines that are known, by role
	Outer    string              // the role of a machine beyond the internet, which only tests have
	Blocked  bool                // of a report: what it saw held up
	Measured time.Time           // of a report: when its addresses were seen, if it says
	Part     bool                // of a report that is not whole
}

// Direction is where a rule's connections are begun.
type Direction string

// The directions of a rule, as seen from the machine that it is about.
const (
	Out     Direction = "out"     // the machine contacts others
	In      Direction = "in"      // others of the shop contact the machine
	Forward Direction = "forward" // somebody calls from the internet, and is handed on to the machine
)

// Rule is what one line of a firewall's list would say.
type Rule struct {
	Block     bool
	Direction Direction
	LAN       bool // both ends are in the shop
	From, To  Party
	Proto     string
	Ports     Ports
	Public    []string // of calls from the internet: the address that is called; none: the shop's
	PublicAt  Ports
	Listed    bool
	Apps      []string
	Level     result.Level
	Act       string
	Policy    string
	Proxies   []string
	IsProxy   bool // it is the way to a proxy
	Data      bool
	Whole     bool
	Names     []string // that must have an answer
	Why       []result.Text
	Features  []string
	Checks    []string
	See       []string
	AsOf      string
	Only      []Only

	Part   bool     // more ports than these, which only the server's side knows
	Addrs  []string // addresses that its names had when they were seen
	Unsure bool     // it was seen, but may be something else
	Away   bool     // what holds it up is not the machine's own firewall
}

// Party is one end of a rule.
type Party struct {
	Roles    []string
	Hosts    []string // names, wildcards, addresses, and <names> of values
	DNS      bool     // the servers that the machine asks
	Internet bool     // anybody there, or those of Hosts alone
	Unsaid   bool     // the profile does not say who
}

// Format is a way to write a sheet or a letter: a plain value in Formats.
type Format struct {
	Name   string
	Doc    string
	Ext    []string
	One    bool // it is for one machine alone
	Sheet  func(io.Writer, *Sheet, report.Options) error
	Letter func(io.Writer, *Letter, report.Options) error // nil: the rules as a sheet
}

// Formats lists every format, the default first.
func Formats() []Format {
	return []Format{
		{Name: "table", Doc: "text for people", Ext: []string{".txt"}, Sheet: table, Letter: letterText},
		{Name: "markdown", Doc: "for tickets", Ext: []string{".md"}, Sheet: markdown, Letter: letterMarkdown},
		{Name: "html", Doc: "a page to send and print", Ext: []string{".html", ".htm"}, Sheet: page, Letter: letterPage},
		{Name: "csv", Doc: "for spreadsheets", Ext: []string{".csv"}, Sheet: csvRows},
		{Name: "nftables", Doc: "commands for Linux", Ext: []string{".nft"}, Sheet: nftables},
		{Name: "netsh", Doc: "commands for the firewall of Windows itself", Ext: []string{".cmd", ".bat"}, One: true, Sheet: netsh},
		{Name: "powershell", Doc: "the same by PowerShell", Ext: []string{".ps1"}, One: true, Sheet: powershell},
		{Name: "pf", Doc: "rules for BSD's packet filter", Ext: []string{".pf"}, Sheet: pf},
	}
}
