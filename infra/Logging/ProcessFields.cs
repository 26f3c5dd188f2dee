using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Logging;

/// <summary>What every event says of the process that wrote it.</summary>
/// <param name="Identity">Host, process id and name.</param>
/// <param name="ServiceName"><c>broker-consumer</c> or <c>broker-producer</c>.</param>
public sealed record ProcessFields(ProcessIdentity Identity, string ServiceName)
{
    private readonly string _entityId = EntityIdOf(Identity);

    /// <summary>The version of this project.</summary>
    public static string Version { get; } =
        typeof(ProcessFields).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static ProcessFields OfThisProcess(string serviceName, string? name = null) =>
        new(new ProcessIdentity(Environment.MachineName, Environment.ProcessId, name ?? $"{Environment.MachineName}-{Environment.ProcessId}"), serviceName);

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("process.pid", Identity.ProcessId);
        json.WriteString("process.name", Identity.Name);
        json.WriteString("process.entity_id", _entityId);
        json.WriteString("host.hostname", Identity.Host);
        json.WriteString("service.name", ServiceName);
        json.WriteString("service.version", Version);
    }

    // In containers every process is number 1: only host, number and start time together name one.
    private static string EntityIdOf(ProcessIdentity identity)
    {
        using var self = Process.GetCurrentProcess();
        return $"{identity.Host}-{identity.ProcessId}-{new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds()}";
    }
}
