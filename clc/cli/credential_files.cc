#include "clc/cli/credential_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "clc/cli/files.h"
#include "common/process/process.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;

namespace {

// As one word of a shell, whatever is in it.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

// The certificates' folder is the file's own, also for those who unpack the zip somewhere else or
// source it by a link. A shell that does not say which file it reads (dash) gets the folder where
// it was written.
std::string eucarc_of(const Owner& a, const CloudUrls& urls, const std::string& folder) {
  const auto& [cloud, s3] = urls;
  std::string text =
      "# Credentials of the user " + a.user_name + " of the account " + a.account_id +
      ": source this file.\n"
      "EUCA_KEY_DIR=${BASH_SOURCE:-$0}\n"
      "EUCA_KEY_DIR=$(readlink -f \"$EUCA_KEY_DIR\" 2>/dev/null || echo \"$EUCA_KEY_DIR\")\n"
      "EUCA_KEY_DIR=$(cd \"$(dirname \"$EUCA_KEY_DIR\")\" && pwd -P)\n"
      "[ -e \"$EUCA_KEY_DIR/eucarc\" ] || EUCA_KEY_DIR=" +
      shell_word(std::filesystem::absolute(folder).lexically_normal().string()) +
      "\n"
      "export EUCA_KEY_DIR\n"
      // What clients would take before or with these.
      "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE\n";
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
  add("EC2_CERT", "$EUCA_KEY_DIR/" + a.user_name + "-cert.pem");
  add("EC2_PRIVATE_KEY", "$EUCA_KEY_DIR/" + a.user_name + "-key.pem");
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
  if (cloud.starts_with("https:")) add("AWS_CA_BUNDLE", "$EUCA_KEY_DIR/ca-bundle.pem");
  return text;
}

}  // namespace

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

Result<> write_credential_files(const std::string& folder, const Owner& owner,
                                const CloudUrls& urls, const CloudCertificates& certificates) {
  std::error_code error;
  // Also what zip makes is for the owner alone. A folder that was there keeps its mode.
  ::umask(077);
  std::filesystem::create_directories(folder, error);
  if (error) return Error(Errc::io, folder + ": " + error.message());
  const auto in = [&](const std::string& name) { return folder + "/" + name; };
  const auto certificate = in(owner.user_name + "-cert.pem");
  const auto key = in(owner.user_name + "-key.pem");
  TRY_VOID(write_file(in("eucarc"), eucarc_of(owner, urls, folder), 0600));
  TRY_VOID(write_file(certificate, owner.certificate, 0600));
  TRY_VOID(write_file(key, owner.private_key, 0600));
  TRY_VOID(write_file(in("cloud-cert.pem"), certificates.image_bundling, 0644));
  TRY_VOID(write_file(in("ca-bundle.pem"), certificates.https, 0644));
  process::Command zip;
  std::filesystem::remove(in("credentials.zip"), error);
  zip.argv = {"zip",
              "-q",
              "-j",
              in("credentials.zip"),
              in("eucarc"),
              certificate,
              key,
              in("cloud-cert.pem"),
              in("ca-bundle.pem")};
  TRY_VOID(process::run_checked(zip));
  return common::ok();
}

}  // namespace angophora::clc::cli
