// STATE_DIR/registry.enrolment: who a component is, and who its cloud controller.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/crypto/x509.h"

namespace angophora::doctor {

struct EnrolmentFile {
  std::string name;
  crypto::Certificate cloud_certificate;
};

// Errc::corrupt for what is none.
common::Result<EnrolmentFile> parse_enrolment_file(const std::string& text);

}  // namespace angophora::doctor
