// Which pages of other sites a browser lets at a bucket.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "walrus/documents/shape.h"

namespace angophora::walrus {

extern const Shape kCorsShape;
// S3Errc::invalid_request: more than one '*' in an origin or header.
common::Result<> check_cors(const xml::Element& root);

// What a browser tells of itself.
struct CorsRequest {
  std::string origin;
  std::string method;                // that is used, or asked for beforehand
  std::vector<std::string> headers;  // asked for beforehand, lower case
};
struct CorsAnswer {
  std::string origin;  // as it goes into Access-Control-Allow-Origin
  bool any_origin = false;
  std::string methods, headers, exposed;  // lists with commas
  std::optional<int> age_max_s;
};
// By the first rule that fits; nothing when none does.
std::optional<CorsAnswer> answer_cors(const xml::Element& root, const CorsRequest& request);

}  // namespace angophora::walrus
