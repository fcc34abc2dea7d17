// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Kinds of surveys.
const (
	// SurveyNPS is the likelihood to recommend, from 0 to 10.
	SurveyNPS = "nps"
	// SurveyCSAT is customer satisfaction, from 1 to the scale of the answer.
	SurveyCSAT = "csat"
	// SurveyCES is the ease of a task, from 1 to the scale of the answer.
	SurveyCES = "ces"
)
