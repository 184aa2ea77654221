package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"netcheck/profiles"
)

var update = flag.Bool("update", false, "write golden files anew")

// What a profile may say is a promise: a change of it must show in a diff.
func TestProfileSchemaIsGolden(t *testing.T) {
	const golden = "testdata/profile.schema.json"
	got, err := profiles.Schema(kinds())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the schema of profiles has changed; look at the difference after go test ./cmd/netcheck -run Schema -update")
	}
}
