using System.Collections.Concurrent;

namespace Broker.Consumer.Handlers;

/// <summary>The assemblies this process can load by name: its own, and those of the shared framework.</summary>
internal sealed class HostAssemblies
{
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _framework = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _references = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Version?> _versions = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="files">Every assembly that the runtime found at its start.</param>
    /// <param name="ownFolder">Where this program lies. Other folders are the shared framework's.</param>
    public HostAssemblies(IEnumerable<string> files, string ownFolder)
    {
        foreach (var file in files)
            _files[Path.GetFileNameWithoutExtension(file)] = file;
        var own = Path.TrimEndingDirectorySeparator(ownFolder);
        // By folder, not by file: a package of ours may replace the framework's copy of an assembly, which stays a framework assembly.
        foreach (var folder in _files.Values.Select(file => Path.GetDirectoryName(file)!).Distinct().Where(folder => folder != own).ToList())
            _framework.UnionWith(Directory.EnumerateFiles(folder, "*.dll").Select(file => Path.GetFileNameWithoutExtension(file)));
    }

    public static HostAssemblies OfThisProcess { get; } =
        new(((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), AppContext.BaseDirectory);

    /// <summary>Whether the shared framework has an assembly of that name.</summary>
    public bool IsFramework(string name) => _framework.Contains(name);

    /// <summary>The assembly version that this process would load; null where it has none.</summary>
    public Version? VersionOf(string name) => _versions.GetOrAdd(name, known => _files.TryGetValue(known, out var file) ? AssemblyFile.VersionOf(file) : null);

    /// <summary>What the assembly that this process would load refers to; nothing where it has none.</summary>
    public IReadOnlyList<string> ReferencesOf(string name) =>
        _references.GetOrAdd(name, known => _files.TryGetValue(known, out var file) ? [.. AssemblyFile.ReferencesOf(file).Select(reference => reference.Name!)] : []);
}
