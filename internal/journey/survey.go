// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Kinds of surveys.
const (
	// SurveyNPS asks whether somebody would recommend, from 0 to 10.
	SurveyNPS = "nps"
	// SurveyCSAT asks how satisfied somebody is, from 1 to its scale.
	SurveyCSAT = "csat"
	// SurveyCES asks how easy something was, from 1 to its scale.
	SurveyCES = "ces"
)
