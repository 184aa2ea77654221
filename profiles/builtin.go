package profiles

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var shipped embed.FS

// Builtin lists the ids of the profiles that netcheck ships, sorted.
func Builtin() []string {
	files, err := shipped.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = strings.TrimSuffix(f.Name(), ".yaml")
	}
	return ids
}

// BuiltinSource returns a shipped profile as it was written: what vendors and
// shops copy to begin their own.
func BuiltinSource(id string) ([]byte, bool) {
	data, err := shipped.ReadFile(id + ".yaml")
	return data, err == nil
}

// OpenBuiltin loads a shipped profile.
func OpenBuiltin(id string, kinds []Kind) (*Profile, error) {
	data, ok := BuiltinSource(id)
	if !ok {
		return nil, fmt.Errorf("no built-in profile is called %q", id)
	}
	return Load(id, data, kinds)
}
