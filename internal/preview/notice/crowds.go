// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

const (
	// maxWatched is the number of identifiers that are tracked. An identifier of many people is among the first.
	maxWatched = 100_000
	// crowd is the number of identifiers of one type from which an identifier is probably shared by several people.
	crowd = 50
	// maxCrowds is the number of identifiers that are named.
	maxCrowds = 5
)

// crowds counts with how many others the strongest identifier of an event occurs. A placeholder, such as the name of a till's cash customer, makes
// one person of all strangers, and no table contains all placeholders.
type crowds struct {
	seed   maphash.Seed
	beside map[event.Identity]map[string][]uint64
}

func (c *crowds) saw(e *event.Event) {
	if len(e.Identities) < 2 {
		return
	}
	if c.beside == nil {
		c.seed, c.beside = maphash.MakeSeed(), map[event.Identity]map[string][]uint64{}
	}
	of := slices.MinFunc(e.Identities, event.CompareIdentities) // the strongest
	types := c.beside[of]
	if types == nil {
		if len(c.beside) == maxWatched {
			return
		}
		types = map[string][]uint64{}
		c.beside[of] = types
	}
	for _, i := range e.Identities {
		seen := types[i.Type]
		if key := maphash.String(c.seed, i.Value); i != of && len(seen) < crowd && !slices.Contains(seen, key) {
			types[i.Type] = append(seen, key)
		}
	}
}

// notes names the identifiers that occur with a crowd, without addresses and numbers of people.
func (c *crowds) notes() []string {
	var out []string
	for of, types := range c.beside {
		for typ, seen := range types {
			if len(seen) < crowd {
				continue
			}
			name := "one " + of.Type
			if of.Type != "email" && of.Type != "phone" {
				name = fmt.Sprintf("%s %q", of.Type, mask.Name(of.Value))
			}
			out = append(out, fmt.Sprintf("%s occurs with at least %d different values of %s: if many people share it, add it to "+
				"spec.identity.placeholders of the EventStore, or they count as one customer", name, crowd, typ))
		}
	}
	slices.Sort(out)
	if more := len(out) - maxCrowds; more > 0 {
		out = append(out[:maxCrowds:maxCrowds], fmt.Sprintf("%d more identifiers occur with as many others", more))
	}
	return out
}
