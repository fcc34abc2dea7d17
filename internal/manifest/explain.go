// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// explain adds what the API server's errors leave open: the field of a rule of the whole object, what a text that is too long should be, and that
// YAML reads some words as booleans.
func (k *kindChecker) explain(errs field.ErrorList, name string) field.ErrorList {
	for _, e := range errs {
		switch {
		case e.Field == "<nil>":
			if at, rest, _ := strings.Cut(e.Detail, " "); at == "metadata.name" {
				e.Field, e.BadValue, e.Detail = at, name, rest
			}
		case e.Type == field.ErrorTypeTooLong:
			if what := about(k.structural, e.Field); what != "" {
				e.Detail += fmt.Sprintf("; it is the %s", what)
			}
		case e.BadValue == "boolean" && strings.Contains(e.Detail, "must be of type string"):
			e.Detail += "; YAML reads y, n, yes, no, on and off without quotes as booleans"
		}
	}
	return errs
}

var index = regexp.MustCompile(`\[[^]]*\]`)

// about returns the first sentence of the description of a field.
func about(s *structural.Structural, path string) string {
	for _, name := range strings.Split(index.ReplaceAllString(path, ""), ".") {
		for s.Items != nil {
			s = s.Items
		}
		sub, ok := s.Properties[name]
		if !ok {
			return ""
		}
		s = &sub
	}
	sentence, _, _ := strings.Cut(s.Description, ". ")
	return strings.TrimSuffix(sentence, ".")
}

// Says reports whether the error already names the field.
func (w *Wrong) Says(path string) bool {
	return slices.ContainsFunc(w.List, func(e *field.Error) bool { return e.Field == path })
}
