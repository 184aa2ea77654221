package result

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClockOf(t *testing.T) {
	from := func(host string, seconds any) Step {
		return Step{Facts: Facts{"server.address": host, "http.date_offset_s": seconds}}
	}
	helper := Step{Facts: Facts{"vantage.url": "https://helper.example", "vantage.clock_offset_ms": int64(-250)}}
	for name, test := range map[string]struct {
		steps []Step
		want  *Clock
	}{
		"nobody says":                    {[]Step{{Facts: Facts{"server.address": "a"}}}, nil},
		"one server":                     {[]Step{from("a", 90)}, &Clock{Duration(90 * time.Second), ByHTTPDate, []string{"a"}}},
		"the middle one of three":        {[]Step{from("a", 7200.0), from("b", 1.0), from("c", 0.0)}, &Clock{Duration(time.Second), ByHTTPDate, []string{"a", "b", "c"}}},
		"a server counts once":           {[]Step{from("a", 7200.0), from("a", 7200.0), from("a", 7201.0), from("b", 1.0), from("c", 0.0)}, &Clock{Duration(time.Second), ByHTTPDate, []string{"a", "b", "c"}}},
		"the helper knows better":        {[]Step{from("a", 7200.0), helper}, &Clock{Duration(-250 * time.Millisecond), ByVantage, []string{"https://helper.example"}}},
		"what is no number says nothing": {[]Step{from("a", "soon")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ClockOf([]Check{{Steps: test.steps}})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
