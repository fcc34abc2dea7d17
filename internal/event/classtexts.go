// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import "strings"

// ClassTexts remembers the texts of classes, so that each is made once.
type ClassTexts struct {
	texts map[Class]string
	// Bytes of the texts.
	Bytes int
}

// NewClassTexts that know none.
func NewClassTexts() *ClassTexts { return &ClassTexts{texts: map[Class]string{}} }

// Text of a class, whose own texts need to be valid during the call only.
func (t *ClassTexts) Text(c *Class) string {
	if text, ok := t.texts[*c]; ok {
		return text
	}
	text := c.String()
	kept := *c
	kept.Source, kept.Channel, kept.Name = strings.Clone(c.Source), strings.Clone(c.Channel), strings.Clone(c.Name)
	t.texts[kept], t.Bytes = text, t.Bytes+len(text)
	return text
}
