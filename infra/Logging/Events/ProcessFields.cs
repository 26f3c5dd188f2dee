using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Logging.Events;

/// <summary>The fields of every event that describe its process.</summary>
/// <param name="Identity">Host, process id and name.</param>
/// <param name="ServiceName"><c>broker-consumer</c> or <c>broker-producer</c>.</param>
public sealed partial record ProcessFields(ProcessIdentity Identity, string ServiceName)
{
    private static ProcessFields? _current;

    /// <summary>The version of this project.</summary>
    public static string Version { get; } =
        typeof(ProcessFields).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>This process, as set by <see cref="OfThisProcess"/>; otherwise named after the entry assembly.</summary>
    public static ProcessFields Current => _current ?? OfThisProcess(Assembly.GetEntryAssembly()?.GetName().Name?.ToLowerInvariant() ?? "broker");

    /// <summary>Whether a supervisor started this process; it reports on the console what concerns both.</summary>
    public bool IsSupervised { get; init; }

    /// <summary>In containers every process has id 1: only host, process id and start time together are unique.</summary>
    public string EntityId { get; } = EntityIdOf(Identity);

    /// <summary>The program's name: <c>consumer</c>, <c>producer</c>.</summary>
    public string ProgramName => ServiceName.StartsWith("broker-", StringComparison.Ordinal) ? ServiceName["broker-".Length..] : ServiceName;

    /// <summary>The parent process id; null if the system does not provide it.</summary>
    public int? ParentId { get; } = FindParent();

    /// <summary>The container's id; null outside a container.</summary>
    public string? ContainerId { get; } = FindContainer();

    /// <summary>Describes this process and sets <see cref="Current"/>.</summary>
    public static ProcessFields OfThisProcess(string serviceName, string? name = null, bool supervised = false) =>
        _current = new(new ProcessIdentity(Environment.MachineName, Environment.ProcessId, name ?? $"{Environment.MachineName}-{Environment.ProcessId}"), serviceName) { IsSupervised = supervised };

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("process.pid", Identity.ProcessId);
        if (ParentId is { } parent)
            json.WriteNumber("process.parent.pid", parent);
        json.WriteString("process.name", Identity.Name);
        json.WriteString("process.entity_id", EntityId);
        json.WriteString("host.hostname", Identity.Host);
        if (ContainerId is not null)
            json.WriteString("container.id", ContainerId);
        json.WriteString("service.name", ServiceName);
        json.WriteString("service.version", Version);
    }

    private static string EntityIdOf(ProcessIdentity identity)
    {
        using var self = Process.GetCurrentProcess();
        return $"{identity.Host}-{identity.ProcessId}-{new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds()}";
    }

    /// <summary>The fourth field of Linux's <c>/proc/self/stat</c>; the second, a name in brackets, may hold spaces.</summary>
    private static int? FindParent() =>
        Read("/proc/self/stat") is { } stat && int.TryParse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            ? parent
            : null;

    /// <summary>Container engines mount a container's host name from a folder named after the container, or name its control group so.</summary>
    private static string? FindContainer()
    {
        var match = ContainerFolder().Match(Read("/proc/self/mountinfo") ?? "");
        if (!match.Success)
            match = ContainerGroup().Match(Read("/proc/self/cgroup") ?? "");
        return match.Success ? match.Groups["id"].Value : null;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("containers/(?<id>[0-9a-f]{64})/(userdata/)?hostname /etc/hostname", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ContainerFolder();

    [GeneratedRegex("[/-](?<id>[0-9a-f]{64})(\\.scope)?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ContainerGroup();
}
