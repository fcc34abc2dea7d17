// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"errors"
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// ErrNothingMature is wrapped by errors of objects that are valid but have no reliable numbers yet.
var ErrNothingMature = errors.New("there are no final numbers")

// NothingMature is the error of objects without mature attempts. Their output explains why.
func NothingMature(names ...string) error {
	return fmt.Errorf("%w of %s: see above for the reason", ErrNothingMature, strings.Join(names, ", "))
}

// Mature reports objects without numbers: maps without a mature attempt, and reports without any value, row or group, so that an output full of 0 is
// not mistaken for a result. It returns an error if no object has numbers, and otherwise a note that names those without.
func Mature(objects []Object) (note string, err error) {
	var empty []string
	for i := range objects {
		o := &objects[i]
		if nothing(o.Status) {
			empty = append(empty, o.Kind+"/"+o.Metadata.Name)
		}
	}
	switch len(empty) {
	case 0:
		return "", nil
	case len(objects):
		return "", NothingMature(empty...)
	}
	return "note: " + NothingMature(empty...).Error(), nil
}

func nothing(status any) bool {
	switch s := status.(type) {
	case *v1alpha1.JourneyMapStatus:
		return s.Summary == nil || s.Summary.Customers == 0
	case *v1alpha1.MetricReportStatus:
		return s.Summary == nil || s.Summary.Customers == 0 && !anyValue(s)
	}
	return false
}

// anyValue reports whether a report has any result other than zero counts.
func anyValue(s *v1alpha1.MetricReportStatus) bool {
	for i := range s.KPIs {
		if s.KPIs[i].Value != "" && s.KPIs[i].Samples > 0 {
			return true
		}
	}
	for i := range s.Tables {
		if s.Tables[i].Samples > 0 {
			return true
		}
	}
	return false
}
