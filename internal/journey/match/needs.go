// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/journeyman-dev/journeyman/internal/journey"

// Needs lists the costly columns that a plan reads.
type Needs struct {
	Properties, Traits, Groups, SessionID, Money, Survey bool
	// History is set if events before the first period matter, because personas use earlier traits or groups.
	History bool
}

// AddKey marks the column of a key, and History if the key is a trait or a group.
func (n *Needs) AddKey(key string) { n.Add([]journey.Condition{{Key: key}}) }

// AddState marks what conditions on the traits and groups of a person read.
func (n *Needs) AddState(list []journey.Condition) {
	n.Add(list)
	for _, c := range list {
		if k, err := ParseKey(c.Key); err == nil && k.field == fieldGroups {
			n.History = true
		}
	}
}

// AddMatches marks the columns of the conditions of matches.
func (n *Needs) AddMatches(list []journey.Match) {
	for _, m := range list {
		n.Add(m.Where)
	}
}

// Add marks the columns of conditions.
func (n *Needs) Add(list []journey.Condition) {
	for _, c := range list {
		k, err := ParseKey(c.Key)
		if err != nil {
			continue
		}
		switch k.field {
		case fieldProperties:
			n.Properties = true
		case fieldTraits:
			n.Traits, n.History = true, true
		case fieldGroups:
			n.Groups = true
		case fieldSessionID:
			n.SessionID = true
		case fieldOrderID, fieldAmount, fieldCurrency:
			n.Money = true
		case fieldSurveyKind, fieldSurveyScore:
			n.Survey = true
		}
	}
}
