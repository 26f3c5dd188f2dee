using System.Globalization;
using Broker.Contracts;
using Broker.Fleet;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>What an operator wants to stop.</summary>
/// <param name="Host">The host.</param>
/// <param name="ProcessId">The process on it, or a supervisor; null for all.</param>
/// <param name="Processes">The consumers that are meant by that.</param>
internal sealed record DrainTarget(string Host, int? ProcessId, IReadOnlyList<ProcessIdentity> Processes)
{
    /// <exception cref="InvalidConfigurationException">There is no such process or host, or there are several.</exception>
    public static DrainTarget Find(FleetSnapshot fleet, string text, string? host)
    {
        if (fleet.Processes.Count == 0)
            throw new InvalidConfigurationException("no consumer answers, so there is none to stop");
        var there = host is null ? fleet.Processes : [.. fleet.Processes.Where(process => Same(process.Identity.Host, host))];
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid);
        if (isNumber && there.Where(process => process.Identity.ProcessId == pid || process.SupervisorId == pid).ToList() is { Count: > 0 } named)
        {
            var hosts = named.Select(process => process.Identity.Host).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            return hosts.Count == 1
                ? new DrainTarget(hosts[0], pid, [.. named.Select(process => process.Identity)])
                : throw new InvalidConfigurationException($"several hosts have a process {pid}: say which with --host ({string.Join(", ", hosts.Order(StringComparer.Ordinal))})");
        }

        if (there.Where(process => Same(process.Identity.Host, text)).Select(process => process.Identity).ToList() is { Count: > 0 } all)
            return new DrainTarget(all[0].Host, null, all);
        // A number is near to many names.
        var near = isNumber ? null : NearestName.Of(text, fleet.Processes.Select(process => process.Identity.Host).Distinct());
        throw new InvalidConfigurationException(
            $"no consumer is meant by '{text}'{(host is null ? "" : $" on '{host}'")}{(near is null ? "" : $"; did you mean {near}?")}; there are {DrainCommand.Names([.. fleet.Processes.Select(process => process.Identity)])}");
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
