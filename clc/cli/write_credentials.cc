#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"
#include "clc/cli/files.h"
#include "common/process/process.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using common::Result;
using namespace std::chrono_literals;

namespace {

struct Administrator {
  std::string access_key, secret_key, account_id, user_id, certificate, private_key;
};

Result<Administrator> read_administrator(const std::string& state_dir) {
  const auto path = state_dir + "/administrator.json";
  auto text = read_file(path);
  if (!text)
    return std::move(text).assume_error().while_doing(
        "the cloud controller keeps its administrator there after its first start "
        "(--state-dir names its folder)");
  boost::system::error_code error;
  const auto value = boost::json::parse(text.value(), error);
  if (error || !value.is_object()) return Error(Errc::corrupt, path + " is not JSON");
  const auto get = [&](const char* name) {
    const auto* field = value.as_object().if_contains(name);
    return field && field->is_string() ? std::string(field->as_string()) : std::string();
  };
  Administrator a{get("access_key_id"), get("secret_access_key"), get("account_id"),
                  get("user_id"),       get("certificate_pem"),   get("private_key_pem")};
  if (a.access_key.empty() || a.secret_key.empty() || a.account_id.empty())
    return Error(Errc::corrupt, path + " lacks a field");
  return a;
}

// The certificates' folder is the file's own, also for those who unpack the zip somewhere else or
// source it by a link.
std::string eucarc_of(const Administrator& a, const CredentialsOptions& o) {
  const std::string scheme = o.https ? "https" : "http";
  const auto cloud = fmt::format("{}://{}:{}", scheme, o.host, o.port);
  const auto s3 = fmt::format("{}://{}:{}", scheme, o.s3_host, o.s3_port);
  std::string text =
      "# Credentials of the cloud's administrator: source this file.\n"
      "EUCA_KEY_DIR=${BASH_SOURCE:-$0}\n"
      "EUCA_KEY_DIR=$(readlink -f \"$EUCA_KEY_DIR\" 2>/dev/null || echo \"$EUCA_KEY_DIR\")\n"
      "EUCA_KEY_DIR=$(cd \"$(dirname \"$EUCA_KEY_DIR\")\" && pwd -P)\n"
      "export EUCA_KEY_DIR\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    text += fmt::format("export {}=\"{}\"\n", name, value);
  };
  add("EC2_URL", cloud + "/services/compute");
  add("S3_URL", s3 + "/");
  add("AWS_IAM_URL", cloud + "/services/Euare");
  add("EUARE_URL", cloud + "/services/Euare");
  add("TOKEN_URL", cloud + "/services/Tokens");
  add("EUCA_BOOTSTRAP_URL", cloud + "/services/Empyrean");
  add("EUCA_PROPERTIES_URL", cloud + "/services/Properties");
  add("EC2_CERT", "$EUCA_KEY_DIR/admin-cert.pem");
  add("EC2_PRIVATE_KEY", "$EUCA_KEY_DIR/admin-key.pem");
  add("EUCALYPTUS_CERT", "$EUCA_KEY_DIR/cloud-cert.pem");
  add("EC2_ACCOUNT_NUMBER", a.account_id);
  add("EC2_USER_ID", a.account_id);
  add("EC2_ACCESS_KEY", a.access_key);
  add("EC2_SECRET_KEY", a.secret_key);
  add("AWS_ACCESS_KEY", a.access_key);
  add("AWS_SECRET_KEY", a.secret_key);
  add("AWS_ACCESS_KEY_ID", a.access_key);
  add("AWS_SECRET_ACCESS_KEY", a.secret_key);
  add("AWS_DEFAULT_REGION", "angophora");
  add("AWS_ENDPOINT_URL", cloud);
  add("AWS_ENDPOINT_URL_S3", s3);
  if (o.https) add("AWS_CA_BUNDLE", "$EUCA_KEY_DIR/ca-bundle.pem");
  return text;
}

struct CloudCertificates {
  std::string image_bundling;  // what image bundles are encrypted to
  std::string https;           // all that vouch for the public doors
};

Task<CloudCertificates> fetch_certificates(ApiClient& api) {
  std::string action = "DescribeServiceCertificates";
  QueryParameters parameters = {{"Format", "pem"}, {"FingerprintDigest", "SHA-256"}};
  CO_TRY(const auto answer, co_await api.bootstrap(action, std::move(parameters)));
  // Also inside a result element, as other query services answer.
  const auto* list = answer.child("serviceCertificates");
  if (!list) list = answer.find("DescribeServiceCertificatesResult/serviceCertificates");
  CloudCertificates found;
  if (list)
    for (const auto* item : list->children_named("item")) {
      const auto usage = item->text_of("certificateUsage");
      if (usage == "image-bundling") found.image_bundling = item->text_of("certificate") + "\n";
      if (usage == "https") found.https += item->text_of("certificate") + "\n";
    }
  if (found.image_bundling.empty())
    co_return Error(Errc::not_found, "the cloud names no certificate for image-bundling");
  co_return found;
}

Result<> write_all(const CredentialsOptions& options, const Administrator& administrator,
                   const CloudCertificates& certificates) {
  std::error_code error;
  // Also what zip makes is for the owner alone. A folder that was there keeps its mode.
  ::umask(077);
  std::filesystem::create_directories(options.out, error);
  if (error) return Error(Errc::io, options.out + ": " + error.message());
  const auto in = [&](const char* name) { return options.out + "/" + name; };
  TRY_VOID(write_file(in("eucarc"), eucarc_of(administrator, options), 0600));
  TRY_VOID(write_file(in("admin-cert.pem"), administrator.certificate, 0600));
  TRY_VOID(write_file(in("admin-key.pem"), administrator.private_key, 0600));
  TRY_VOID(write_file(in("cloud-cert.pem"), certificates.image_bundling, 0644));
  TRY_VOID(write_file(in("ca-bundle.pem"), certificates.https, 0644));
  process::Command zip;
  std::filesystem::remove(in("credentials.zip"), error);
  zip.argv = {"zip",
              "-q",
              "-j",
              in("credentials.zip"),
              in("eucarc"),
              in("admin-cert.pem"),
              in("admin-key.pem"),
              in("cloud-cert.pem"),
              in("ca-bundle.pem")};
  TRY_VOID(process::run_checked(zip));
  return common::ok();
}

struct Fetched {
  Administrator administrator;
  CloudCertificates certificates;
};

Task<Fetched> fetch(common::Runtime& runtime, const CredentialsOptions& options) {
  Fetched fetched;
  CO_TRY(fetched.administrator, read_administrator(options.state_dir));
  Endpoints endpoints;
  endpoints.bootstrap = fmt::format("{}://{}:{}/services/Empyrean",
                                    options.https ? "https" : "http", options.host, options.port);
  sigv::Credentials credentials{fetched.administrator.access_key, fetched.administrator.secret_key,
                                ""};
  ApiClient api(runtime, std::move(endpoints), std::move(credentials),
                options.https ? options.state_dir + "/keys/signing.crt" : std::string());
  CO_TRY(fetched.certificates, co_await fetch_certificates(api));
  co_return std::move(fetched);
}

// A cloud controller that was just installed or restarted needs a moment; only where it has its
// folder is there anything to wait for.
Task<Fetched> fetch_from_starting(common::Runtime& runtime, const CredentialsOptions& options) {
  const auto give_up = runtime.steady_now() + 30s;
  for (bool told = false;; told = true) {
    auto fetched = co_await fetch(runtime, options);
    if (fetched) co_return std::move(fetched);
    const auto code = fetched.error().code;
    const bool may_come = code == Errc::not_found || code == Errc::unavailable;
    if (!may_come || !std::filesystem::exists(options.state_dir) || runtime.steady_now() >= give_up)
      co_return std::move(fetched);
    if (!told) std::fprintf(stderr, "waiting for the cloud controller to start\n");
    co_await runtime.sleep_for(200ms);
  }
}

}  // namespace

Task<> write_credentials(common::Runtime& runtime, CredentialsOptions options) {
  if (options.s3_host.empty()) options.s3_host = options.host;
  CO_TRY(const auto fetched, co_await fetch_from_starting(runtime, options));
  CO_TRY_VOID(write_all(options, fetched.administrator, fetched.certificates));
  std::printf("%s/eucarc\n%s/credentials.zip\n", options.out.c_str(), options.out.c_str());
  co_return common::ok();
}

}  // namespace angophora::clc::cli
