// Package server is netcheck's helper outside: it calls back whoever asks, at
// the address that the request came from, and says what happened.
//
// It stands on the open internet and serves strangers, so it can be made to do
// as little as possible: it connects to nobody but its caller, whatever a
// request or a header says; it sends nothing but the question by which a
// stand-in is known, and returns nothing of what answers but a stand-in's
// proof; and whatever a caller, or who is called, does or does not do, costs it
// a bounded time and a bounded memory.
package server

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"netcheck/checks/vantage"
)

// Defaults of the limits. A technician's run asks a few times in a minute; many
// shops may share a provider's address.
const (
	DefaultRate        = 30   // requests a minute to be called back, from one address
	DefaultBurst       = 60   // of these at once
	DefaultGlobalRate  = 100  // a second, from all
	DefaultConcurrency = 100  // answered at once
	DefaultConnections = 2048 // open at once, a few of which are busy
)

// Options say how the helper behaves. The zero Options are those of a helper
// on the internet.
type Options struct {
	TLS          *tls.Config  // nil: plain HTTP
	AllowPrivate bool         // also call addresses that are not global ones: for laboratories
	Ports        []uint16     // that may be asked for; none: any, a few a request
	Token        string       // that who wants to be called back must have; "": nobody must
	Contact      string       // whom to tell of abuse
	Log          *slog.Logger // a line for each request; nil: none

	Rate        float64 // requests a minute to be called back, from one address; 0: DefaultRate
	Burst       int     // 0: DefaultBurst
	GlobalRate  float64 // a second, from all; 0: DefaultGlobalRate
	Concurrency int     // requests answered at once; 0: DefaultConcurrency
	Connections int     // open at once; 0: DefaultConnections
}

// Server is a helper. Safe for concurrent use.
type Server struct {
	o       Options
	ports   []uint16 // sorted
	token   [sha256.Size]byte
	rates   *rates
	global  *rate.Limiter
	shares  *shares             // of them, by address
	slots   *semaphore.Weighted // requests
	files   *semaphore.Weighted // descriptors of their calls
	crowd   *crowd
	stun    *rates
	metrics *metrics
	looks   *rates // sweeps
	own     own
	log     journal
}

const (
	// spareFiles are the descriptors left to what is not counted.
	spareFiles = 64
	// mostFiles bounds what a system without a limit of its own would allow.
	mostFiles = 1 << 16
)

// New returns a helper that does not listen yet.
func New(o Options) (*Server, error) {
	if o.Rate < 0 || o.GlobalRate < 0 || o.Burst < 0 || o.Concurrency < 0 || o.Connections < 0 {
		return nil, errors.New("a limit is less than nothing")
	}
	if slices.Contains(o.Ports, 0) {
		return nil, errors.New("nobody can be called at port 0")
	}
	o.Rate = or(o.Rate, DefaultRate)
	o.Burst = or(o.Burst, DefaultBurst)
	o.GlobalRate = or(o.GlobalRate, DefaultGlobalRate)
	o.Concurrency = or(o.Concurrency, DefaultConcurrency)
	o.Connections = or(o.Connections, DefaultConnections)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	files := openFiles()
	o.Connections = min(o.Connections, int(files/2))
	crowd := newCrowd(o.Connections)
	return &Server{
		o:       o,
		ports:   slices.Sorted(slices.Values(o.Ports)),
		token:   sha256.Sum256([]byte(o.Token)),
		rates:   newRates(o.Rate/60, o.Burst),
		global:  rate.NewLimiter(rate.Limit(o.GlobalRate), max(1, int(o.GlobalRate))),
		shares:  newShares(o.Concurrency),
		slots:   semaphore.NewWeighted(int64(o.Concurrency)),
		files:   semaphore.NewWeighted(max(filesOf(vantage.Request{Ports: make([]uint16, mostListed), Path: true}), files-int64(o.Connections)-spareFiles)),
		crowd:   crowd,
		stun:    newRates(stunRate, stunBurst),
		looks:   newRates(looksRate, looksBurst),
		metrics: newMetrics(crowd),
		log:     newJournal(o.Log),
	}, nil
}

// or is a limit, or what it is unless somebody says otherwise.
func or[T int | float64](n, usual T) T {
	if n == 0 {
		return usual
	}
	return n
}

// Times that a connection is given. A request is small and an answer fits into
// one packet or a few: who is slower than that wants to keep us busy.
const (
	headerTime = 5 * time.Second
	bodyTime   = 8 * time.Second // header and body
	idleTime   = 15 * time.Second
	writeTime  = shareTime + answerTime + 2*time.Second // from the header's end
	headerSize = 4 << 10
	// lastTime is how long requests that are being answered have when the
	// helper is to stop, and lastCalls their calls.
	lastTime  = 3 * time.Second
	lastCalls = 2 * time.Second
)

// Serve answers who comes to the listener, until ctx ends. Requests that are
// being answered then get theirs, with what is known within a few seconds. It
// closes the listener. Several listeners may be served at once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.Avoid(l.Addr())
	calls, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	hs := &http.Server{
		Handler:           http.HandlerFunc(s.answer),
		ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerSize,
		Protocols:      new(http.Protocols), // HTTP/1 alone: a connection is one request at a time
		BaseContext:    func(net.Listener) context.Context { return calls },
		ConnContext:    func(ctx context.Context, c net.Conn) context.Context { return withPeer(ctx, c) },
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, 0), // a stranger's broken handshakes are no news
	}
	hs.Protocols.SetHTTP1(true)
	guarded := net.Listener(&door{Listener: l, crowd: s.crowd})
	if s.o.TLS != nil {
		guarded = tls.NewListener(guarded, s.o.TLS)
	}

	var stopping sync.WaitGroup
	stopping.Add(1)
	stopped := context.AfterFunc(ctx, func() {
		defer stopping.Done()
		last := time.AfterFunc(lastCalls, giveUp)
		defer last.Stop()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTime)
		defer cancel()
		if hs.Shutdown(end) != nil {
			hs.Close()
		}
	})
	err := hs.Serve(guarded)
	if stopped() { // not by us
		stopping.Done()
		hs.Close()
	}
	stopping.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("listening on %s: %w", l.Addr(), err)
}
