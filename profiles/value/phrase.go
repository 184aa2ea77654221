package value

import "fmt"

// Phrase is something that is said to a person: English, with a key and what is
// put into it, so that whoever shows it can say it in the reader's language.
type Phrase struct {
	Key  string
	Args []any // texts, numbers and other phrases, in the order of the English text

	english string
}

// Say is a phrase; its text has verbs for the arguments.
func Say(key, english string, args ...any) Phrase { return Phrase{key, args, english} }

// String is the phrase in English.
func (p Phrase) String() string { return fmt.Sprintf(p.english, p.Args...) }

// Fault is what is wrong with something that a person typed.
type Fault struct{ Phrase }

func (f *Fault) Error() string { return f.String() }

// Wrong is a fault.
func Wrong(key, english string, args ...any) error { return &Fault{Say(key, english, args...)} }
