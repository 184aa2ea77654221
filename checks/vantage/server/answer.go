package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"netcheck/checks/vantage"
)

// note is what becomes of one request, for the log.
type note struct {
	path    string // one of ours, or "other"
	peer    *peer
	begun   time.Time
	request vantage.Request
	ports   []vantage.Port
	status  int
	code    string // of a refusal
}

// answer is the one door of all requests.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	n := &note{path: "other", peer: peerOf(r.Context()), begun: time.Now(), status: http.StatusOK}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if refused := s.handle(w, r, n); refused != nil {
		n.status, n.code = refused.status, refused.Code
		refused.write(w)
	}
	s.metrics.request(n)
	s.log.request(n)
}

// handle answers a request, or says why not.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, n *note) *refusal {
	method, f := http.MethodGet, s.index
	switch r.URL.Path {
	case vantage.Reach:
		method, f = http.MethodPost, s.reach
	case vantage.Address:
		f = s.address
	case vantage.Portal:
		f = s.portal
	case "/":
	default:
		return refuse(vantage.RefusedRequest, "there is nothing here").as(http.StatusNotFound)
	}
	n.path = r.URL.Path
	if r.Method != method {
		refused := refuse(vantage.RefusedRequest, "the method must be %s", method).as(http.StatusMethodNotAllowed)
		refused.allow = method
		return refused
	}
	if d := s.rates.take(n.peer.caller.Address, cost(n.path)); d > 0 {
		return refuse(vantage.RefusedRate, "your address asks too often").later(d)
	}
	return f(w, r, n)
}

// reach calls back who asks for it.
func (s *Server) reach(w http.ResponseWriter, r *http.Request, n *note) *refusal {
	if refused := direct(r.Header); refused != nil {
		return refused
	}
	if refused := mayAsk(r); refused != nil {
		return refused
	}
	if refused := s.known(r.Header); refused != nil {
		return refused
	}
	to, refused := s.callable(n.peer)
	if refused != nil {
		return refused
	}
	q, refused := s.read(w, r)
	if refused != nil {
		return refused
	}
	n.request = q
	if refused := s.reachable(n.peer, q); refused != nil {
		return refused
	}
	if !s.global.Allow() {
		return refuse(vantage.RefusedBusy, "too many ask at the moment").later(time.Second)
	}
	release, ok := s.shares.take(r.Context(), n.peer.caller.Address)
	defer release()
	if !ok {
		return refuse(vantage.RefusedBusy, "your address has others being called at the moment").later(shareTime)
	}
	if !s.slots.TryAcquire(1) {
		return refuse(vantage.RefusedBusy, "too many are being called at the moment").later(answerTime)
	}
	defer s.slots.Release(1)
	files := filesOf(q)
	if !s.files.TryAcquire(files) {
		return refuse(vantage.RefusedBusy, "too many are being called at the moment").later(answerTime)
	}
	defer s.files.Release(files)
	if c := n.peer.conn; c != nil {
		s.crowd.busy(c) // only now: until its body is there it is one that waits
		defer s.crowd.waits(c)
	}
	n.ports = s.call(r.Context(), to, q)
	return s.reply(w, n)
}

// address says whom the helper sees.
func (s *Server) address(w http.ResponseWriter, r *http.Request, n *note) *refusal {
	if refused := direct(r.Header); refused != nil {
		return refused
	}
	return s.reply(w, n)
}

func (s *Server) reply(w http.ResponseWriter, n *note) *refusal {
	write(w, http.StatusOK, vantage.Reply{Caller: n.peer.caller, Time: time.Now().UTC(), Ports: n.ports})
	return nil
}

// portal answers what a captive portal can't: its challenge (as RFC 8910's
// readers ask for an empty page).
func (s *Server) portal(w http.ResponseWriter, r *http.Request, n *note) *refusal {
	if c := r.Header.Get(vantage.HeaderChallenge); isChallenge(c) {
		sum := sha256.Sum256([]byte(c))
		w.Header().Set(vantage.HeaderResponse, hex.EncodeToString(sum[:]))
	}
	n.status = http.StatusNoContent
	w.WriteHeader(n.status)
	return nil
}

// isChallenge says whether a challenge is one that netcheck makes.
func isChallenge(c string) bool {
	return c != "" && len(c) <= 64 && !strings.ContainsFunc(c, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// index tells who finds the helper in a log what it is.
func (s *Server) index(w http.ResponseWriter, _ *http.Request, _ *note) *refusal {
	text := "This is a netcheck vantage. Whoever asks it is called back, at the address that the request came from and nowhere else, to see whether a port there is reachable from the internet; it sends nothing but one line that asks for netcheck itself.\n"
	if s.o.Contact != "" {
		text += "Complaints: " + s.o.Contact + "\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, text)
	return nil
}

func (r *refusal) write(w http.ResponseWriter) {
	if r.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(r.after.Seconds()))))
	}
	if r.allow != "" {
		w.Header().Set("Allow", r.allow)
	}
	write(w, r.status, r.Refusal)
}

func write(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil { // of our own types: a programmer's mistake
		status, b = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // who left does not read it
}

// attributes are what the log says of a request. What a stranger may have
// written is bounded, and escaped by the log.
func (n *note) attributes() []slog.Attr {
	all := []slog.Attr{
		slog.String("from", n.peer.caller.Address.String()),
		slog.String("path", n.path),
		slog.Int("status", n.status),
	}
	if n.code != "" {
		all = append(all, slog.String("refused", n.code))
	}
	if len(n.request.Ports) > 0 {
		all = append(all, slog.String("proto", n.request.Proto), slog.String("ports", n.told()))
	}
	if n.request.Profile != "" {
		all = append(all, slog.String("profile", n.request.Profile))
	}
	return append(all, slog.Duration("took", time.Since(n.begun).Round(time.Millisecond)))
}

// told are the ports that were asked for, with what became of each.
func (n *note) told() string {
	var b strings.Builder
	for i, p := range n.request.Ports {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(int(p)))
		if i < len(n.ports) {
			b.WriteString(":" + string(n.ports[i].State))
			if n.ports[i].Answer != "" {
				b.WriteString(",proven")
			}
		}
	}
	return b.String()
}
