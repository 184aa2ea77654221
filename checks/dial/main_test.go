package dial

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("DIAL_TEST_CHILD"); child != "" {
		os.Exit(children[child]())
	}
	goleak.VerifyTestMain(m)
}

// children are what this test binary does when it runs itself, with limits or
// in namespaces that its parent must not have.
var children = map[string]func() int{
	"few descriptors": fewDescriptors,
	"question":        answerQuestion,
}
