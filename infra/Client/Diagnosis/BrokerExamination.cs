using System.Security.Cryptography.X509Certificates;
using Broker.Connection;

namespace Broker.Diagnosis;

/// <summary>
/// Checks of a broker by AMQP alone. What they declare they delete again: queues that are exclusive to their connection, so that the broker deletes them if we do not come
/// to it, and two of fixed names.
/// </summary>
internal sealed class BrokerExamination : IAsyncDisposable
{
    private static readonly Version Oldest = new(3, 10);

    private static readonly TimeSpan SoonExpired = TimeSpan.FromDays(14);

    private readonly BrokerAddress _address;
    private readonly BrokerLink _link;
    private readonly X509Certificate2? _certificate;

    private BrokerExamination(BrokerAddress address, BrokerLink link, X509Certificate2? certificate) => (_address, _link, _certificate) = (address, link, certificate);

    /// <summary>Connects.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, refuses us, or its certificate is not accepted.</exception>
    public static async Task<BrokerExamination> OpenAsync(BrokerAddress address, CancellationToken cancellationToken)
    {
        var factory = address.ToFactory("doctor");
        X509Certificate2? presented = null;
        factory.Ssl.CertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            presented = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return address.Certificate.Accept(sender, certificate, chain, errors);
        };
        return new BrokerExamination(address, await BrokerLink.OpenAsync(factory, address, cancellationToken), presented);
    }

    public IEnumerable<Finding> Server()
    {
        var place = $"at {_address.Host}:{_address.Port}, virtual host {_address.VirtualHost}, user '{_address.User}'";
        var server = BrokerServer.Of(_link.Connection);
        yield return server.Version < Oldest
            ? Finding.Wrong("broker", $"{server.Text} {place}: older ones than {Oldest} lack time limits and at-least-once dead-lettering of quorum queues, so retries and dead letters would be lost", $"upgrade it to {Oldest} or newer")
            : Finding.Ok("broker", $"{server.Text} {place}{(server.HasPriorities ? "" : " (no priorities)")}");
        yield return Certificate(_certificate?.NotAfter.ToUniversalTime(), DateTime.UtcNow);
    }

    /// <inheritdoc cref="PermissionCheck"/>
    public Task<Finding> PermissionsAsync(CancellationToken cancellationToken) => new PermissionCheck(_link.Serial, _address).RunAsync(cancellationToken);

    /// <inheritdoc cref="FeatureCheck"/>
    public IAsyncEnumerable<Finding> FeaturesAsync(CancellationToken cancellationToken) => new FeatureCheck(_address).RunAsync(cancellationToken);

    /// <inheritdoc cref="AlarmCheck"/>
    public Task<Finding> AlarmAsync(CancellationToken cancellationToken) => new AlarmCheck(_address).RunAsync(cancellationToken);

    /// <inheritdoc cref="TopologyCheck"/>
    public IAsyncEnumerable<Finding> TopologyAsync(IReadOnlyCollection<string> kinds, CancellationToken cancellationToken) => new TopologyCheck(_link.Serial).RunAsync(kinds, cancellationToken);

    /// <inheritdoc cref="TopologyCheck.HasControlAsync"/>
    public Task<bool> HasControlAsync(CancellationToken cancellationToken) => new TopologyCheck(_link.Serial).HasControlAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _certificate?.Dispose();
    }

    internal static Finding Certificate(DateTime? end, DateTime now)
    {
        if (end is not { } last)
            return Finding.Skipped("certificate", "the connection is not encrypted (amqp://)");
        var text = $"valid until {last:yyyy-MM-dd} ({Math.Max(0, (last - now).Days)} days)";
        return last - now < SoonExpired ? Finding.Wrong("certificate", text, "renew the broker's certificate") : Finding.Ok("certificate", text);
    }
}
