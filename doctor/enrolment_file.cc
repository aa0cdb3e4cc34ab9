#include "doctor/enrolment_file.h"

#include <boost/json.hpp>

namespace angophora::doctor {

common::Result<EnrolmentFile> parse_enrolment_file(const std::string& text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  const auto text_at = [&](const char* key) -> std::string {
    const auto* found = failed || !value.is_object() ? nullptr : value.as_object().if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
  };
  TRY(auto certificate, crypto::Certificate::from_pem(text_at("cloud_certificate")));
  if (text_at("name").empty())
    return common::Error(common::Errc::corrupt, "it does not say who this component is");
  return EnrolmentFile{text_at("name"), std::move(certificate)};
}

}  // namespace angophora::doctor
