// The folder of credentials that users source and take along.
#pragma once

#include <string>

#include "clc/cli/api_client.h"

namespace angophora::clc::cli {

// Who signs.
struct Owner {
  std::string access_key, secret_key;
  std::string account_id, user_id;
  std::string user_name = "admin";
  std::string certificate, private_key;  // PEM
};

// Where the cloud answers, e.g. http://192.0.2.1:8773 and :8776.
struct CloudUrls {
  std::string cloud, s3;
};

struct CloudCertificates {
  std::string image_bundling;  // what image bundles are encrypted to
  std::string https;           // all that vouch for the public doors
};
Task<CloudCertificates> fetch_certificates(ApiClient& api);

// eucarc, USER-cert.pem, USER-key.pem, cloud-cert.pem, ca-bundle.pem and credentials.zip. Blocks.
Result<> write_credential_files(const std::string& folder, const Owner& owner,
                                const CloudUrls& urls, const CloudCertificates& certificates);

}  // namespace angophora::clc::cli
