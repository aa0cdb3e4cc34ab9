#include "common/sigv/canonical.h"

#include <algorithm>
#include <map>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace angophora::sigv {
namespace {

using common::percent_decode;
using common::percent_encode;

constexpr std::size_t kParametersMax = 10'000;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Leading, trailing and repeated white space goes.
std::string fold(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (!is_space(c))
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// RFC 3986, 5.2.4, and repeated slashes made one.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto parts = common::split(path, '/');
  for (const auto part : parts) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      kept.push_back(part);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (const auto part : kept) out.append("/").append(part);
  const auto last = parts.back();
  if (out.empty() || last.empty() || last == "." || last == "..") out += '/';
  return out;
}

// Query parameters that S3's V2 takes for a part of the resource.
bool is_subresource(std::string_view name) {
  static constexpr std::string_view kNames[] = {"accelerate",
                                                "acl",
                                                "analytics",
                                                "cors",
                                                "delete",
                                                "encryption",
                                                "inventory",
                                                "legal-hold",
                                                "lifecycle",
                                                "location",
                                                "logging",
                                                "metrics",
                                                "notification",
                                                "object-lock",
                                                "partNumber",
                                                "policy",
                                                "policyStatus",
                                                "publicAccessBlock",
                                                "replication",
                                                "requestPayment",
                                                "response-cache-control",
                                                "response-content-disposition",
                                                "response-content-encoding",
                                                "response-content-language",
                                                "response-content-type",
                                                "response-expires",
                                                "restore",
                                                "retention",
                                                "select",
                                                "select-type",
                                                "storageClass",
                                                "tagging",
                                                "torrent",
                                                "uploadId",
                                                "uploads",
                                                "versionId",
                                                "versioning",
                                                "versions",
                                                "website"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string s3_v2_resource(const SignedRequest& request, const ParameterList& query) {
  std::string resource;
  if (!request.bucket.empty()) resource += "/" + request.bucket;
  resource += request.path().empty() ? "/" : request.path();
  std::vector<const Parameter*> parts;
  for (const auto& p : query)
    if (is_subresource(p.name)) parts.push_back(&p);
  std::sort(parts.begin(), parts.end(),
            [](const Parameter* a, const Parameter* b) { return a->name < b->name; });
  char mark = '?';
  for (const auto* p : parts) {
    resource += mark + p->name;
    if (p->has_value) resource += "=" + p->value;
    mark = '&';
  }
  return resource;
}

std::string s3_v2_amz_headers(const SignedRequest& request, const ParameterList& query,
                              bool presigned) {
  std::map<std::string, std::string> fields;
  auto add = [&fields](std::string_view name, std::string_view value) {
    const std::string lower = common::to_lower(name);
    if (!lower.starts_with("x-amz-")) return;
    const auto [at, fresh] = fields.try_emplace(lower, common::trim(value));
    if (!fresh) at->second.append(",").append(common::trim(value));
  };
  for (const auto& [name, value] : request.headers) add(name, value);
  if (presigned)
    for (const auto& p : query) add(p.name, p.value);
  std::string out;
  for (const auto& [name, value] : fields) out += name + ":" + value + "\n";
  return out;
}

// A header, or for presigned requests a parameter of that name.
std::string header_or_parameter(const SignedRequest& request, const ParameterList& query,
                                bool presigned, std::string_view name) {
  if (const auto value = request.header(name)) return std::string(common::trim(*value));
  if (!presigned) return {};
  for (const auto& p : query)
    if (common::equal_ignore_case(p.name, name)) return p.value;
  return {};
}

}  // namespace

std::optional<ParameterList> parse_parameters(std::string_view encoded, bool plus_is_space) {
  ParameterList parameters;
  for (const auto part : common::split(encoded, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const bool has_value = equals != std::string_view::npos;
    auto name = percent_decode(part.substr(0, equals), plus_is_space);
    auto value = percent_decode(has_value ? part.substr(equals + 1) : "", plus_is_space);
    if (!name || !value || parameters.size() == kParametersMax) return std::nullopt;
    parameters.push_back({std::move(*name), std::move(*value), has_value});
  }
  return parameters;
}

const Parameter* find_parameter(const ParameterList& parameters, std::string_view name) {
  for (const auto& p : parameters)
    if (p.name == name) return &p;
  return nullptr;
}

std::string value_of(const ParameterList& parameters, std::string_view name) {
  const Parameter* found = find_parameter(parameters, name);
  return found ? found->value : std::string();
}

std::string canonical_query(const ParameterList& parameters, std::string_view skip) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& p : parameters)
    if (p.name != skip) pairs.emplace_back(percent_encode(p.name), percent_encode(p.value));
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

std::vector<std::string> canonical_paths(std::string_view path, Rules rules) {
  if (path.empty()) path = "/";
  std::vector<std::string> paths;
  auto add = [&paths](std::string text) {
    if (std::find(paths.begin(), paths.end(), text) == paths.end())
      paths.push_back(std::move(text));
  };
  const auto decoded = percent_decode(path);
  if (rules == Rules::query_api) add(percent_encode(without_dots(path), true));
  if (decoded) add(percent_encode(*decoded, true));
  add(std::string(path));
  return paths;
}

std::optional<std::string> canonical_header(const SignedRequest& request, std::string_view name) {
  std::optional<std::string> joined;
  for (const auto& [field, value] : request.headers) {
    if (!common::equal_ignore_case(field, name)) continue;
    if (joined)
      *joined += "," + fold(value);
    else
      joined = fold(value);
  }
  return joined;
}

std::string canonical_request_v4(const SignedRequest& request, std::string_view canonical_path,
                                 std::string_view query,
                                 const std::vector<std::string>& signed_headers,
                                 std::string_view payload_hash) {
  std::string out = request.method + "\n";
  out.append(canonical_path).append("\n").append(query).append("\n");
  std::string names;
  for (const auto& name : signed_headers) {
    out += name + ":" + canonical_header(request, name).value_or("") + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  return out.append("\n").append(names).append("\n").append(payload_hash);
}

std::string string_to_sign_v4(std::string_view timestamp, std::string_view scope,
                              std::string_view canonical_request) {
  std::string out(kAlgorithmV4);
  out.append("\n").append(timestamp).append("\n").append(scope).append("\n");
  return out + crypto::sha256_hex(canonical_request);
}

std::string string_to_sign_v2(std::string_view method, std::string_view host, std::string_view path,
                              const ParameterList& parameters) {
  // Sorted by the names themselves, not by their encoded form.
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const auto& p : parameters)
    if (p.name != "Signature") pairs.emplace_back(p.name, p.value);
  std::sort(pairs.begin(), pairs.end());
  std::string out(method);
  out.append("\n").append(host).append("\n").append(path).append("\n");
  bool first = true;
  for (const auto& [name, value] : pairs) {
    if (!std::exchange(first, false)) out += '&';
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

std::string string_to_sign_s3_v2(const SignedRequest& request, const ParameterList& query,
                                 bool presigned, std::string_view date_line) {
  std::string out = request.method + "\n";
  out += header_or_parameter(request, query, presigned, "content-md5") + "\n";
  out += header_or_parameter(request, query, presigned, "content-type") + "\n";
  out.append(date_line).append("\n");
  return out + s3_v2_amz_headers(request, query, presigned) + s3_v2_resource(request, query);
}

}  // namespace angophora::sigv
