package command_test

import (
	"testing"

	"netcheck/report/command"
	"netcheck/report/result"
)

// A command that a report gives can be copied into any shell, whoever wrote the
// report: what its words hold stays in them.
func TestRun(t *testing.T) {
	for name, test := range map[string]struct {
		ref  string
		args []string
		want string
	}{
		"a built-in profile": {"", nil, `netcheck run shop --role outside`},
		"values":             {"shop.yaml", []string{"--site", "shops/42.yaml", "--set", "name=ac me", "--set", "url=https://a.example/?b&c"}, `netcheck run shop.yaml --role outside --site shops/42.yaml --set "name=ac me" --set "url=https://a.example/?b&c"`},
		"what a shell runs":  {`$(reboot).yaml`, []string{"--set", "a=`id`"}, "netcheck run '$(reboot).yaml' --role outside --set 'a=`id`'"},
		"a line that ends":   {"shop.yaml\nreboot", []string{"--set", "a=b\u2028c\u202ed\x1b[2J"}, `netcheck run shop.yamlreboot --role outside --set "a=bcd[2J"`},
		"quotes of all sort": {"a'b\"c", nil, `netcheck run "a'bc" --role outside`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &result.Report{Profile: result.Profile{ID: "shop", Ref: test.ref, Args: test.args}}
			if got := command.Run(r, "outside"); got != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
		})
	}
}
