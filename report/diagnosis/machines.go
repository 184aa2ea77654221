package diagnosis

// machines are those that a group is about: the one whose checks it explains,
// then those whose results it rests on as well.
func (g *group) machines() []string {
	return []string{g.members[0].check.Machine}
}
