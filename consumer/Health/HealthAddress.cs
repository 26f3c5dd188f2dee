using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Broker.Consumer.Health;

/// <summary>Where health is served: <c>8080</c> for this machine only, <c>10.0.0.5:8080</c> or <c>[::]:8080</c> for an interface, <c>*:8080</c> for all.</summary>
internal static class HealthAddress
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            return false;
        var host = colon < 0 ? null : text[..colon];
        if (host is null)
            address = new IPEndPoint(IPAddress.Loopback, port);
        else if (host == "*")
            address = new IPEndPoint(IPAddress.IPv6Any, port);
        else if (!(host.Contains(':', StringComparison.Ordinal) && host[0] != '[') && IPAddress.TryParse(host, out var interfaceAddress))
            address = new IPEndPoint(interfaceAddress, port);
        return address is not null;
    }
}
