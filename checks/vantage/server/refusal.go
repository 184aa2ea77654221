package server

import (
	"fmt"
	"net/http"
	"time"

	"netcheck/checks/vantage"
)

// refusal is what the helper does not do, and why.
type refusal struct {
	vantage.Refusal
	status int
	after  time.Duration // when to ask again
	allow  string        // the method that there is
}

// statuses of the codes, where a refusal has none of its own.
var statuses = map[string]int{
	vantage.RefusedCaller:  http.StatusForbidden,
	vantage.RefusedRequest: http.StatusBadRequest,
	vantage.RefusedPorts:   http.StatusForbidden,
	vantage.RefusedToken:   http.StatusUnauthorized,
	vantage.RefusedRate:    http.StatusTooManyRequests,
	vantage.RefusedBusy:    http.StatusServiceUnavailable,
}

func refuse(code, format string, args ...any) *refusal {
	return &refusal{Refusal: vantage.Refusal{Code: code, Message: fmt.Sprintf(format, args...)}, status: statuses[code]}
}

// as gives a refusal another status.
func (r *refusal) as(status int) *refusal {
	r.status = status
	return r
}

// later says when to ask again.
func (r *refusal) later(d time.Duration) *refusal {
	r.after = max(d, time.Second)
	return r
}
