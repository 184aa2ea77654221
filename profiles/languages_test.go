package profiles_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"
)

// The profiles that netcheck ships, the demo's among them, are written in every
// language that it speaks, with the same values put into each text.
func TestTextsAsTheyAreWritten(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d profiles: %v", len(files), err)
	}
	for _, file := range append(files, "../cmd/netcheck/demo/demo.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if err := yaml.Unmarshal(data, &root); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if n := spoken(t, file, &root); n < 20 {
			t.Errorf("%s: only %d texts", file, n)
		}
	}
}

// read are the fields that a person reads.
var read = []string{"title", "ask", "text", "consequence", "remedy", "say"}

// spoken looks at each text below a node, and counts them.
func spoken(t *testing.T, file string, n *yaml.Node) (count int) {
	t.Helper()
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			count += spoken(t, file, c)
		}
		return count
	}
	in := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i].Value, n.Content[i+1]
		if slices.Contains([]string{"en", "it", "fr", "de"}, key) && val.Kind == yaml.ScalarNode {
			in[key] = val.Value
		}
		if slices.Contains(read, key) && val.Kind == yaml.ScalarNode {
			t.Errorf("%s:%d: %s is in one language alone", file, val.Line, key)
		}
		count += spoken(t, file, val)
	}
	if len(in) == 0 {
		return count
	}
	for _, lang := range []string{"en", "it", "fr", "de"} {
		switch {
		case in[lang] == "":
			t.Errorf("%s:%d: no text in %s", file, n.Line, lang)
		case !slices.Equal(holes(in[lang]), holes(in["en"])):
			t.Errorf("%s:%d: in %s it holds %v, in English %v", file, n.Line, lang, holes(in[lang]), holes(in["en"]))
		}
	}
	return count + 1
}

// holes are the parameters that a text names, each once.
func holes(text string) (names []string) {
	for part := range strings.SplitSeq(text, "${") {
		if name, _, ok := strings.Cut(part, "}"); ok && part != text {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
