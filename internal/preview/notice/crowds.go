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
	// maxWatched bounds the identifiers that are watched: what stands for many comes among the first.
	maxWatched = 100_000
	// crowd is how many identifiers of one type make it likely that an identifier stands for more than one person.
	crowd = 50
	// maxCrowds bounds the identifiers that are named.
	maxCrowds = 5
)

// crowds counts with how many others the strongest identifier of an event occurs: a word for strangers, such as the name of a till's cash
// customer, makes one person of all of them, and no table of words knows all.
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

// notes name the identifiers that occur with a crowd. Addresses and numbers of people are not shown.
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
