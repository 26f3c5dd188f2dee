using System.Runtime.CompilerServices;
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

    private BrokerExamination(BrokerAddress address, BrokerLink link) => (_address, _link) = (address, link);

    /// <summary>Connects to one of its nodes.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away, refuses us, or its certificate is not accepted.</exception>
    public static async Task<BrokerExamination> OpenAsync(BrokerAddress address, CancellationToken cancellationToken) =>
        new(address, await BrokerLink.OpenAsync(address, "doctor", cancellationToken));

    public IEnumerable<Finding> Server() => OfNode(_link);

    /// <summary>The same of the nodes that the address names beside the one we are connected to.</summary>
    public async IAsyncEnumerable<Finding> OtherNodesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var node in _address.Nodes.Where(node => node != _link.Node))
        {
            var (link, refused) = (default(BrokerLink), "");
            try
            {
                link = await BrokerLink.OpenAsync(_address.Of(node), "doctor", cancellationToken);
            }
            catch (BrokerUnavailableException e)
            {
                refused = e.Message;
            }

            if (link is null)
                yield return Finding.Wrong("broker", refused);
            else
                await using (link)
                    foreach (var finding in OfNode(link))
                        yield return finding;
        }
    }

    private IEnumerable<Finding> OfNode(BrokerLink link)
    {
        var place = $"at {link.Node}, virtual host {_address.VirtualHost}, user '{_address.User}'";
        var server = BrokerServer.Of(link.Connection);
        yield return server.Version < Oldest
            ? Finding.Wrong("broker", $"{server.Text} {place}: older ones than {Oldest} lack time limits and at-least-once dead-lettering of quorum queues, so retries and dead letters would be lost", $"upgrade it to {Oldest} or newer")
            : Finding.Ok("broker", $"{server.Text} {place}{(server.HasPriorities ? "" : " (no priorities)")}");
        yield return Certificate(_address.Server.End, DateTime.UtcNow);
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

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    internal static Finding Certificate(DateTime? end, DateTime now)
    {
        if (end is not { } last)
            return Finding.Skipped("certificate", "the connection is not encrypted (amqp://)");
        var text = $"valid until {last:yyyy-MM-dd} ({Math.Max(0, (last - now).Days)} days)";
        return last - now < SoonExpired ? Finding.Wrong("certificate", text, "renew the broker's certificate") : Finding.Ok("certificate", text);
    }
}
