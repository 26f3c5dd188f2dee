using System.Text.Json;
using Broker.Connection;
using Broker.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Pool;

/// <summary><see cref="BrokerOptions"/>, checked and with their defaults filled in.</summary>
internal sealed record ClientSettings(BrokerAddress Address, string Name, TimeSpan? DefaultDeadline, JsonSerializerOptions Json, ILoggerFactory Logs, Action<string>? OnNotice)
{
    /// <param name="options">What was set.</param>
    /// <param name="address">The address, where it is not that of the options.</param>
    /// <param name="logs">The logger factory where the options name none.</param>
    /// <exception cref="InvalidConfigurationException">A value cannot be used; names it.</exception>
    public static ClientSettings Of(BrokerOptions options, BrokerAddress? address = null, ILoggerFactory? logs = null)
    {
        if (options.DefaultDeadline is { } deadline && (deadline <= TimeSpan.Zero || deadline > BatchOptions.MaxLimit))
            throw new InvalidConfigurationException($"{nameof(BrokerOptions)}.{nameof(BrokerOptions.DefaultDeadline)} is {deadline}: {BatchOptions.LimitRule}");
        if (options.Name is "")
            throw new InvalidConfigurationException($"{nameof(BrokerOptions)}.{nameof(BrokerOptions.Name)} is empty: give a name, or null for host name and process id");
        return new ClientSettings(
            address ?? AddressOf(options, options.Url, $"{nameof(BrokerOptions)}.{nameof(BrokerOptions.Url)}"),
            options.Name ?? $"{Environment.MachineName}-{Environment.ProcessId}",
            options.DefaultDeadline,
            options.Json ?? PayloadJson.Options,
            options.Logs ?? logs ?? NullLoggerFactory.Instance,
            options.OnNotice);
    }

    /// <summary>A broker's address with the certificates of the options.</summary>
    /// <param name="options">What was set.</param>
    /// <param name="url">The address.</param>
    /// <param name="setting">What the message calls it: where the address was set.</param>
    /// <exception cref="InvalidConfigurationException">It is no address, or a certificate or key cannot be read.</exception>
    public static BrokerAddress AddressOf(BrokerOptions options, string url, string setting) =>
        BrokerAddress.Parse(
            url,
            setting,
            options.Ca is { Length: > 0 } ca ? ServerCertificate.ReadAuthorities(ca, $"{nameof(BrokerOptions)}.{nameof(BrokerOptions.Ca)}") : null,
            ClientCertificate.Read(options.Cert, options.Key, $"{nameof(BrokerOptions)}.{nameof(BrokerOptions.Cert)}", $"{nameof(BrokerOptions)}.{nameof(BrokerOptions.Key)}"));
}
