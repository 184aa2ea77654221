package main

import (
	"netcheck/checks/engine"
	"netcheck/checks/vantage"
	"netcheck/profiles"
	"netcheck/report/i18n"
)

// helping is what is said of a helper outside, which calls this line. The flag
// counts before the profile.
type helping struct {
	given string // --vantage as given; "none": none, whatever the profile says
	url   string // which it is for this run; "": none
	token string // for it; never by flag, where others can read it
}

// check reads the flag.
func (h *helping) check() error {
	if h.given == "" || h.given == "none" {
		return nil
	}
	if _, err := vantage.Open(h.given, vantage.Options{}); err != nil {
		return usagef("--vantage: %v", err)
	}
	return nil
}

// vantageOf looks at the helper that a profile names. It is one of netcheck's
// own: to tell others of a shop is for whoever is there to decide. What the
// loader can see of its address is told before, with its place.
func vantageOf(p *profiles.Profile) error {
	if p.Vantage == "" {
		return nil
	}
	if _, err := vantage.Open(p.Vantage, vantage.Options{}); err != nil {
		return usagef("%s: vantage: %v", p.File, err)
	}
	return nil
}

// chooseHelper settles which helper a run has, if any of its checks would ask one,
// and says what that one learns.
func (s *streams) chooseHelper(plan *engine.Plan, a *asking) error {
	h := &a.vantage
	h.url = h.given
	switch h.given {
	case "":
		h.url = plan.Bound.Profile.Vantage
	case "none":
		h.url = ""
	}
	if h.url == "" || !asksOutside(plan) {
		return nil
	}
	helper, err := vantage.Open(h.url, vantage.Options{})
	if err != nil {
		return usagef("%v", err)
	}
	if name := vantage.TokenVariableOf(h.url); name != "" {
		h.token = s.getenv(name)
	}
	s.message("%s", i18n.T(a.lang, helper.Discloses(), i18n.Data{"URL": h.url}))
	return nil
}

// asksOutside tells whether any check that is to be run would ask a helper.
func asksOutside(plan *engine.Plan) bool {
	for _, c := range plan.Checks {
		if o, ok := c.Prober.(interface{ AsksOutside() bool }); ok && o.AsksOutside() {
			return true
		}
	}
	return false
}
