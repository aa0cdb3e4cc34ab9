#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "common/base/text.h"
#include "common/http/client.h"

namespace angophora::http {

using common::Errc;
using common::Error;

Result<Url> parse_url(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Error(Errc::invalid_argument,
                 "the URL \"" + std::string(text.substr(0, 200)) + "\" " + std::string(why));
  };
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed) return refuse("is malformed");
  Url url;
  const std::string scheme = common::to_lower(std::string(parsed->scheme()));
  if (scheme != "http" && scheme != "https") return refuse("is neither http nor https");
  if (parsed->has_userinfo()) return refuse("has a user name in it");
  url.tls = scheme == "https";
  url.host = parsed->host_address();
  if (url.host.empty()) return refuse("has no host");
  url.port = url.tls ? 443 : 80;
  if (const std::string digits(parsed->port()); !digits.empty())
    url.port = common::parse_number<std::uint16_t>(digits).value_or(0);
  if (url.port == 0) return refuse("has no usable port");
  url.target = std::string(parsed->encoded_target());
  if (url.target.empty() || url.target[0] != '/') url.target.insert(0, "/");
  return url;
}

}  // namespace angophora::http
