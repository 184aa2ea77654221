package vantage

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"netcheck/checks/talk"
)

// declined is the error of a status by which somebody else's service does not
// do what it was asked; message, where there is one, says it better than the
// status. A redirect is not followed: who is asked was said by a person.
func (a *answer) declined(message string) error {
	refused := func(code string) error {
		if message == "" {
			message = fmt.Sprintf("it answers with status %d", a.status)
		}
		return &RefusedError{Refusal: Refusal{Code: code, Message: talk.Clean(message, 200)}, After: a.after()}
	}
	switch {
	case a.status == http.StatusTooManyRequests:
		message = cmp.Or(message, "it has been asked too often")
		return refused(RefusedRate)
	case a.status == http.StatusUnauthorized:
		return refused(RefusedToken)
	case a.status == http.StatusNotFound && message != "":
		return refused(RefusedPorts)
	case a.status == http.StatusBadRequest || a.status == http.StatusForbidden || a.status == http.StatusUnprocessableEntity:
		return refused(RefusedRequest)
	case a.status >= 500:
		return refused(RefusedBusy)
	case a.status >= 300 && a.status < 400:
		return a.foreign(errors.New("it sends on to another address, which is not asked"))
	}
	return a.foreign(fmt.Errorf("it answers with status %d", a.status))
}

// after is how long to wait before it is asked again: 0 if it does not say.
func (a *answer) after() time.Duration {
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset"} {
		if n, err := strconv.Atoi(a.header.Get(name)); err == nil && n > 0 {
			return min(time.Duration(min(n, 1<<20))*time.Second, maxAfter)
		}
	}
	return 0
}

// date is the service's clock, by the second; zero if it has none.
func (a *answer) date() time.Time {
	t, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
