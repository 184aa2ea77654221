package profiles

import "errors"

// Bind fills in the values, expands for_each and decides when. It is pure.
// The error joins everything that is wrong with the values; a *MissingError
// in it names each missing parameter with its question.
func (p *Profile) Bind(given Values, role string) (*Bound, error) {
	return nil, errors.New("not built yet")
}
