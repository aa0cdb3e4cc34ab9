// What a bucket says about its access log: where records of the requests to it go.
#pragma once

#include <optional>
#include <string>

#include "walrus/documents/shape.h"

namespace angophora::walrus {

extern const Shape kLoggingShape;
// S3Errc::malformed_xml; not_implemented for grants on the records.
common::Result<> check_logging(const xml::Element& root);

struct LoggingRule {
  // What the names of objects with records are made of.
  enum class Keys {
    simple,           // PREFIXtime-unique
    by_delivery_day,  // PREFIXaccount/region/bucket/year/month/day/time-unique
    by_event_day,     // the same with the day of the requests
  };
  std::string target, prefix;
  Keys keys = Keys::simple;
  bool operator==(const LoggingRule&) const = default;
};

// Nothing when nothing is to be logged.
std::optional<LoggingRule> logging_rule(const xml::Element& root);
// Writes out how objects are named when the client has left that open.
void complete_logging(xml::Element& root);

}  // namespace angophora::walrus
