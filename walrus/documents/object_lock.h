// Object Lock: the default of a bucket, and the documents about one version.
#pragma once

#include <optional>

#include "walrus/documents/shape.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

extern const Shape kObjectLockShape;
extern const Shape kRetentionShape;
extern const Shape kLegalHoldShape;

// S3Errc::malformed_xml: neither or both of days and years; S3Errc::invalid_retention_period: one
// of them is not above 0, or too large.
Result<> check_object_lock(const xml::Element& root);

// What new versions get at `now`; nothing without a default.
std::optional<Retention> default_retention(const xml::Element& root, common::SysTime now);
// Nothing when the document takes the retention away.
std::optional<Retention> retention_of(const xml::Element& root);
bool legal_hold_of(const xml::Element& root);

std::string_view mode_name(const Retention& retention);
std::optional<bool> parse_compliance(std::string_view mode);  // COMPLIANCE, GOVERNANCE

}  // namespace angophora::walrus
