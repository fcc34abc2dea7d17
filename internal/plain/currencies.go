// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

// signs of currencies that amounts may have.
const signs = "$€£¥₹₽₩₺₴₪฿"

// signOf gives the currencies that a sign may be of. Source: the narrow symbols of currencies in the CLDR.
var signOf = map[string]string{
	"$": "USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD UYU XCD " +
		"BRL CVE MOP NIO TOP WST",
	"€": "EUR", "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP",
	"¥": "JPY CNY CNH", "₹": "INR", "₽": "RUB", "₩": "KRW KPW", "₺": "TRY", "₴": "UAH", "₪": "ILS", "฿": "THB",
}

// lettered are the signs with letters before them that say which of these it is.
var lettered = map[string]string{
	"US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD NIO", "CA$": "CAD", "HK$": "HKD", "NZ$": "NZD", "S$": "SGD", "SG$": "SGD",
	"NT$": "TWD", "MX$": "MXN", "R$": "BRL",
	"RD$": "DOP", "Z$": "ZWL", "J$": "JMD", "B$": "BND BSD", "TT$": "TTD", "EC$": "XCD", "E£": "EGP", "CN¥": "CNY", "JP¥": "JPY",
}

// thirds are the currencies of three decimals, in ISO 4217: 12.345 of them is no number with groups.
var thirds = map[string]bool{"BHD": true, "IQD": true, "JOD": true, "KWD": true, "LYD": true, "OMR": true, "TND": true}
