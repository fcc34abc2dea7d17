// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import "strings"

// ClassTexts caches the texts of classes, so that each is created once.
type ClassTexts struct {
	texts map[Class]string
	// Bytes is the size of the texts.
	Bytes int
}

// NewClassTexts returns an empty cache.
func NewClassTexts() *ClassTexts { return &ClassTexts{texts: map[Class]string{}} }

// Text returns the text of a class. The texts in the class have to be valid only during the call.
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
