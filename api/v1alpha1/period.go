// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AsOf returns the time of analysis of a map's results, nil if there are none.
func (s *JourneySummary) AsOf() *metav1.Time {
	if s == nil {
		return nil
	}
	return s.Period.asOf()
}

// AsOf returns the time of analysis of a report's results, nil if there are none.
func (s *ReportSummary) AsOf() *metav1.Time {
	if s == nil {
		return nil
	}
	return s.Period.asOf()
}

func (p *ResultPeriod) asOf() *metav1.Time {
	if p == nil {
		return nil
	}
	return p.AsOf
}
