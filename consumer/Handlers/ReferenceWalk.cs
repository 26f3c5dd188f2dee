using System.Reflection;

namespace Broker.Consumer.Handlers;

/// <summary>Follows the references of a handler DLL, and of every assembly that is loaded for it alone, before any of its code runs.</summary>
internal sealed class ReferenceWalk
{
    private readonly DependencyPlaces _places;
    private readonly Dictionary<string, string> _own = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<UnresolvedReference> _unresolved = [];
    private readonly HashSet<string> _againstNewer = [];

    /// <exception cref="BadImageFormatException">The DLL is no portable executable.</exception>
    /// <exception cref="InvalidOperationException">The DLL is one without .NET metadata.</exception>
    public ReferenceWalk(string dll, DependencyPlaces places)
    {
        _places = places;
        var open = new Queue<string>([dll]);
        while (open.TryDequeue(out var file))
        {
            foreach (var reference in AssemblyFile.ReferencesOf(file))
            {
                if (Follow(file, reference) is { } found && _own.TryAdd(reference.Name!, found))
                    open.Enqueue(found);
            }
        }
    }

    /// <summary>The assemblies loaded for this DLL alone, name to file.</summary>
    public IReadOnlyDictionary<string, string> Own => _own;

    public IReadOnlyList<UnresolvedReference> Unresolved => _unresolved;

    /// <summary>Framework assemblies among <see cref="Own"/>: their types are not those that ours show under the same names.</summary>
    public IReadOnlySet<string> Replaced => _own.Keys.Where(_places.IsFramework).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Files compiled against a newer version of a shared assembly than ours. They work where ours has all they use of it.</summary>
    public IReadOnlyCollection<string> AgainstNewer => _againstNewer;

    private string? Follow(string file, AssemblyName reference)
    {
        var found = _places.FileOf(reference);
        var version = found is null ? _places.OursOf(reference) : AssemblyFile.VersionOf(found);
        if (version >= reference.Version)
            return found;
        if (version is not null && DependencyPlaces.IsShared(reference.Name!) && !UnresolvedReference.IsTheRuntime(reference.Name!))
            _againstNewer.Add(file);
        else
            _unresolved.Add(new UnresolvedReference(reference, Path.GetFileName(file), version));
        return null;
    }
}
