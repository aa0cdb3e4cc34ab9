// Signs SOAP messages as a user's client does.
//
//   const auto message = testing::sign_as_user(body, testing::user_key(), {.created = now});
#pragma once

#include <string>

#include "common/crypto/x509.h"

namespace angophora::clc::testing {

// A key and its certificate. The same name always gets the same ones.
struct UserKey {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};
const UserKey& user_key(const std::string& name = "ana", int bits = 2048);

struct UserSigning {
  common::SysTime created{};
  std::chrono::milliseconds lifetime = std::chrono::minutes(5);
  bool sha256 = false;           // else SHA-1, as the old clients do
  bool token = true;             // brings the certificate; else names its thumbprint
  bool sign_token = false;       // a third reference
  std::string body_id = "id-1";  // of the Body
  std::string timestamp_id = "Timestamp-1";
};

// An envelope around `content`, one element in exclusive canonical form.
std::string sign_as_user(std::string_view content, const UserKey& user, const UserSigning& options);

// <NAME xmlns="http://ec2.amazonaws.com/doc/VERSION/">members</NAME>
std::string ec2_element(const std::string& name, const std::string& members = "",
                        const std::string& version = "2013-02-01");

}  // namespace angophora::clc::testing
