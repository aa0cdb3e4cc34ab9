// Answers of S3 operations.
#pragma once

#include <string>
#include <string_view>

#include "common/xml/reader.h"
#include "common/xml/writer.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

inline constexpr std::string_view kS3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

http::Response empty_reply(int status);
http::Response xml_reply(xml::Writer writer, int status = 200);
// An open root element `name` in S3's namespace.
xml::Writer start_xml(std::string_view name);

std::string quoted_etag(std::string_view etag);
// As in listings; S3 shows whole seconds.
std::string listed_time(common::SysTime time);

// <Owner> or another element with ID and DisplayName of the account of that canonical id.
void write_account(xml::Writer& writer, std::string_view element, const std::string& canonical_id,
                   const Identities& identities);

// How text of listings is written under ?encoding-type=url, or as it is.
class KeyText {
 public:
  // S3Errc::invalid_argument for another encoding type than url.
  static Result<KeyText> of(const S3Call& call);
  std::string operator()(std::string_view text) const;
  bool encoded() const { return url_; }

 private:
  bool url_ = false;
};

// ?max-keys and the like: `fallback` when missing, never more than `most`.
// S3Errc::invalid_argument for what is not a number.
Result<std::size_t> count_parameter(const S3Call& call, std::string_view name, std::size_t fallback,
                                    std::size_t most);

}  // namespace angophora::walrus
