// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

// signs of currencies in amounts.
const signs = "$€£¥₹₽₩₺₴₪฿"

// signOf maps a sign to the currencies that use it. Source: the narrow symbols of currencies in the CLDR.
var signOf = map[string]string{
	"$": "USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD UYU XCD " +
		"BRL CVE MOP NIO TOP WST",
	"€": "EUR", "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP",
	"¥": "JPY CNY CNH", "₹": "INR", "₽": "RUB", "₩": "KRW KPW", "₺": "TRY", "₴": "UAH", "₪": "ILS", "฿": "THB",
}

// lettered are signs with preceding letters that identify the currency.
var lettered = map[string]string{
	"US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD NIO", "CA$": "CAD", "HK$": "HKD", "NZ$": "NZD", "S$": "SGD", "SG$": "SGD",
	"NT$": "TWD", "MX$": "MXN", "R$": "BRL",
	"RD$": "DOP", "Z$": "ZWL", "J$": "JMD", "B$": "BND BSD", "TT$": "TTD", "EC$": "XCD", "E£": "EGP", "CN¥": "CNY", "JP¥": "JPY",
}

// thirds are the currencies with three decimals in ISO 4217: 12.345 of them is not a number with groups.
var thirds = map[string]bool{"BHD": true, "IQD": true, "JOD": true, "KWD": true, "LYD": true, "OMR": true, "TND": true}
