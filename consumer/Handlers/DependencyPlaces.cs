using System.Reflection;

namespace Broker.Consumer.Handlers;

/// <summary>
/// Where the dependencies of one handler DLL are loaded from. They are its own, with two exceptions: what crosses between the consumer and
/// a handler is one type on both sides, and an assembly of the framework is the framework's unless the DLL brings a newer one.
/// </summary>
/// <param name="beside">The file that the DLL brings for an assembly; null where it brings none.</param>
/// <param name="host">What this process has.</param>
internal sealed class DependencyPlaces(Func<AssemblyName, string?> beside, HostAssemblies host)
{
    private static readonly HashSet<string> AlwaysOurs = new(StringComparer.OrdinalIgnoreCase)
    {
        "Broker.Contracts",
        // What a handler shares with other processes is connected here.
        "Broker.Client",
        // Exposed by the contracts.
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        // A job's trace goes on in its handler; and the framework's own HTTP client shows its types.
        "System.Diagnostics.DiagnosticSource",
        // The runtime itself: there is one in a process.
        "System.Private.CoreLib",
    };

    /// <summary>Whether the consumer and all handlers have this one assembly in common.</summary>
    public static bool IsShared(string name) => AlwaysOurs.Contains(name);

    public bool IsFramework(string name) => host.IsFramework(name);

    /// <summary>Whether ours of that name may show types of the assemblies in <paramref name="names"/>.</summary>
    public bool OursRefersTo(string name, IReadOnlySet<string> names) => host.ReferencesOf(name).Any(names.Contains);

    /// <summary>The file to load for this DLL alone; null where ours serves, or nothing does.</summary>
    public string? FileOf(AssemblyName reference)
    {
        var name = reference.Name!;
        if (IsShared(name) || beside(reference) is not { } file || AssemblyFile.VersionOf(file) is not { } theirs)
            return null;
        return host.IsFramework(name) && host.VersionOf(name) >= theirs ? null : file;
    }

    /// <summary>The version of ours that serves where <see cref="FileOf"/> has none; null where nothing does.</summary>
    public Version? OursOf(AssemblyName reference) => host.VersionOf(reference.Name!);
}
