// DescribeServiceCertificates (bootstrap): the certificate that image bundles are made for, and
// those that issue what the public doors show to TLS clients. Every user may ask.
#include <algorithm>

#include "clc/actions/bootstrap.h"
#include "clc/store/registrations.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions::describe_service_certificates {
namespace {

struct Request {
  std::string format;
  std::string digest;
  std::string usage;
  std::vector<std::string> names;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::format>("Format"),
    optional<&Request::digest>("FingerprintDigest"),
    optional<&Request::usage>("CertificateUsage"),
    optional<&Request::names>("ServiceName"),
};

// aa:bb:cc...
std::string with_colons(const std::string& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    text.append(i ? ":" : "").append(common::hex_encode(bytes.substr(i, 1)));
  return text;
}

// A certificate of the list and whose it is.
struct Row {
  ServiceName service;
  std::string type;
  std::string usage;
  crypto::Certificate certificate;
};

Result<std::vector<Row>> all_rows(const Services& s, const std::vector<Service>& services) {
  std::vector<Row> rows;
  rows.push_back({cloud_name(), "image", "image-bundling", s.keys.image.certificate});
  rows.push_back({cloud_name(), "compute", "https", s.keys.signing.certificate});
  for (const auto& service : services) {
    if (service.type != ServiceType::walrus || !service.enrolled()) continue;
    TRY(auto certificate, crypto::Certificate::from_der(service.signing_certificate));
    rows.push_back({service.name, "objectstorage", "https", std::move(certificate)});
  }
  return rows;
}

void add_row(const Row& row, bool sha1, Element& item) {
  const auto& certificate = row.certificate;
  item.add("serviceType", row.type).add("certificateUsage", row.usage);
  item.add("certificateFormat", "pem");
  item.add("certificateFingerprintDigest", sha1 ? "SHA-1" : "SHA-256");
  item.add("certificateFingerprint",
           with_colons(sha1 ? certificate.sha1_thumbprint() : certificate.sha256_thumbprint()));
  item.add("certificate", certificate.pem());
}

Task<Reply> handle(Services& s, Caller, Request request) {
  const auto digest = common::to_lower(request.digest);
  if (!request.format.empty() && common::to_lower(request.format) != "pem")
    co_return invalid_value("Format", request.format, "pem");
  if (!digest.empty() && digest != "sha-256" && digest != "sha-1")
    co_return invalid_value("FingerprintDigest", request.digest, "SHA-256 or SHA-1");
  const auto find = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(const auto services, co_await s.db.read(find));
  CO_TRY(const auto rows, all_rows(s, services));
  Reply reply;
  auto& list = reply.child("serviceCertificates");
  for (const auto& row : rows) {
    const bool named = request.names.empty() ||
                       std::find(request.names.begin(), request.names.end(), row.service.value) !=
                           request.names.end();
    if (!named || (!request.usage.empty() && request.usage != row.usage)) continue;
    add_row(row, digest == "sha-1", list.child("item"));
  }
  co_return reply;
}

}  // namespace

extern const Action DescribeServiceCertificates{
    .name = "DescribeServiceCertificates",
    .permission = "bootstrap:DescribeServiceCertificates",
    .api = Api::bootstrap,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_service_certificates
