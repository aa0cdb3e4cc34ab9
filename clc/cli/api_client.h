// What the operator's command asks of the cloud: signed query calls and S3 uploads, through the
// same public front doors that everybody uses. One call at a time.
//
// Errors: CliErrc::refused carries the cloud's code and sentence; Errc::unavailable names the URL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/http/client.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"

namespace angophora::clc::cli {

using common::Result;
using common::Task;

enum class CliErrc {
  refused = 1,
  not_well,  // what was looked at should be looked at by a person
};
std::string_view to_string(CliErrc e);

struct Endpoints {
  std::string compute;     // EC2_URL
  std::string s3;          // S3_URL
  std::string bootstrap;   // EUCA_BOOTSTRAP_URL
  std::string iam;         // AWS_IAM_URL
  std::string properties;  // EUCA_PROPERTIES_URL
  std::string region = "angophora";
};

// From the variables that eucarc sets. Errc::invalid_argument names the one that is missing.
Result<Endpoints> endpoints_from_environment();
Result<sigv::Credentials> credentials_from_environment();

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// A file to upload: `length` bytes of `path` from `offset`.
struct FilePiece {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class ApiClient {
 public:
  // HTTPS trusts the certificates in `trust_file`; without one those in AWS_CA_BUNDLE, or the
  // system's.
  ApiClient(common::Runtime& runtime, Endpoints endpoints, sigv::Credentials credentials,
            std::string trust_file = {});

  common::Runtime& runtime() { return runtime_; }

  // EC2 at its newest version, the services for administrators, or IAM, whose answer is the Result
  // element.
  Task<xml::Element> compute(std::string action, QueryParameters parameters);
  Task<xml::Element> bootstrap(std::string action, QueryParameters parameters);
  Task<xml::Element> properties(std::string action, QueryParameters parameters);
  Task<xml::Element> iam(std::string action, QueryParameters parameters);

  // One that exists and is ours already is fine.
  Task<> create_bucket(std::string bucket);
  Task<> put_object(std::string bucket, std::string key, FilePiece piece);
  Task<> put_object_text(std::string bucket, std::string key, std::string text);
  Task<> delete_object(std::string bucket, std::string key);

 private:
  Task<xml::Element> query(std::string url, std::string service, std::string version,
                           std::string action, QueryParameters parameters);
  Task<> send_s3(http::ClientRequest request);

  common::Runtime& runtime_;
  Endpoints endpoints_;
  sigv::Credentials credentials_;
  http::Client http_;
};

// With what eucarc sets.
Result<std::unique_ptr<ApiClient>> client_from_environment(common::Runtime& runtime);

}  // namespace angophora::clc::cli

ANGOPHORA_ERROR_ENUM(angophora::clc::cli, CliErrc)
